import pytest
from pydantic import ValidationError

from {{ cookiecutter.package }}.settings import LogLevel, Settings


def test_defaults_for_what_is_not_set_or_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    settings = Settings(_env_file=None)
    assert (settings.port, settings.log_level) == (8000, LogLevel.INFO)


def test_values_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8081")
    monkeypatch.setenv("SHUTDOWN_DELAY", "2.5")
    settings = Settings(_env_file=None)
    assert (settings.port, settings.shutdown_delay) == (8081, 2.5)


def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(ValidationError, match="port"):
        Settings(_env_file=None)
