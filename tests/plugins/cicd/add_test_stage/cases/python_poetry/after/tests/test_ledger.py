from ledger import balance


def test_balance() -> None:
    assert balance([1, 2]) == 3
