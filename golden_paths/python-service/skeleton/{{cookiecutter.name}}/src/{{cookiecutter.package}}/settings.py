"""Settings, from environment variables and, in development, from a file `.env`."""

from enum import StrEnum

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LogLevel(StrEnum):
    """The least that is logged."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


class Settings(BaseSettings):
    """What the environment says. An empty variable counts as one that is not set."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    host: str = "0.0.0.0"  # noqa: S104 - in a container, the platform decides who reaches it
    port: int = Field(default=8000, ge=1, le=65535)
    log_level: LogLevel = LogLevel.INFO
    shutdown_delay: float = Field(default=0, ge=0)
    """Seconds to go on serving after the service was told to stop, for load balancers to notice."""
    shutdown_timeout: int = Field(default=10, ge=0)
    """Seconds that open requests may take after that."""
