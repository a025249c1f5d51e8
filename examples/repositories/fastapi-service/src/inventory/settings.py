"""Settings, from environment variables that begin with INVENTORY_."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where to listen."""

    model_config = SettingsConfigDict(env_prefix="INVENTORY_")

    host: str = "127.0.0.1"
    port: int = 8000
