"""How long property tests look: the same examples every time in `make test`, many new ones in `make explore`."""

from hypothesis import settings

USUAL = 100
"""Examples of a property that asks for no other number."""
FACTOR = 20
"""How many times as many examples an exploration looks at."""


def register() -> None:
    """Make the profiles `gate`, which is taken unless another is asked for, and `explore`."""
    settings.register_profile("gate", derandomize=True, deadline=None, database=None, max_examples=USUAL)
    settings.register_profile("explore", deadline=None, print_blob=True, max_examples=USUAL * FACTOR)
    settings.load_profile("gate")


def examples(number: int) -> int:
    """How many examples to look at where `make test` looks at `number`."""
    return number * settings().max_examples // USUAL
