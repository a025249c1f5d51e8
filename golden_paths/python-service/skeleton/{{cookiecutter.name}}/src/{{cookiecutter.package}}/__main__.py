"""`python -m` starts the service."""

from .main import main

main()
