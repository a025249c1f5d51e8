"""The page of the configuration names every environment variable that is read, and none that is not."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/configuration.md").read_text("utf-8")
OF_FORGES = {
    f"SHIFTDOWN_{forge}_{what}" for forge in ("GITHUB", "GITLAB") for what in ("URL", "TOKEN", "WEBHOOK_SECRET")
}
"""Made of the name of a kind of forge."""


def test_every_variable_is_described() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r'"(SHIFTDOWN_[A-Z_]+)"', sources)) | OF_FORGES
    assert len(read) > 12
    assert set(re.findall(r"`(SHIFTDOWN_[A-Z_]+)`", PAGE)) == read
