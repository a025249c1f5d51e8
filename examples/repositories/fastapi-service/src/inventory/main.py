"""Run the service."""

from datetime import UTC, datetime

import uvicorn

from inventory.app import create_app
from inventory.settings import Settings
from inventory.store import Inventory

app = create_app(Inventory(clock=lambda: datetime.now(UTC)))


def main() -> None:
    settings = Settings()
    uvicorn.run(app, host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
