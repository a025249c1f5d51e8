import pytest

from inventory.settings import Settings


def test_port_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVENTORY_PORT", "9001")
    assert Settings().port == 9001
