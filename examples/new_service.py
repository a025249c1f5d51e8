"""Make a service from a golden path, with the library: `python examples/new_service.py FOLDER`."""

import sys
from pathlib import Path

from shiftdown import Identity, Shiftdown


def main(folder: str) -> None:
    """Make the service, and ask what it has from the start."""
    author = Identity(name="Ada Example", email="ada@example.org")
    with Shiftdown.open(author=author) as sd:
        created = sd.creation.create(
            "go-service",
            "greeter",
            {
                "description": "Greets people",
                "owner": "group:default/welcome",
                "modulePath": "example.com/welcome/greeter",
            },
            to=str(Path(folder) / "greeter"),
        )
        print(f"{created.path}: {len(created.files)} files from {created.template} {created.version}")
        for finding in sd.assess(created.path).findings:
            print(f"{finding.check}: {finding.outcome}")


if __name__ == "__main__":
    main(sys.argv[1])
