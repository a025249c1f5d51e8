"""Settings, from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the pipeline reads from the environment; each name begins with `PIPELINE_`."""

    model_config = SettingsConfigDict(env_prefix="PIPELINE_", frozen=True)

    inbox: Path = Path("data/inbox")
    """The folder with the files to read."""
    database: Path = Path("data/pipeline.sqlite")
    """The database to load into."""
    lookback: timedelta = timedelta(days=3)
    """How late a row may arrive, as seconds or in ISO 8601: `P3D`."""
    max_rejected: Annotated[float, Field(ge=0, le=1)] = 0.05
    """The share of rows that may break the contract."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level that is logged."""
