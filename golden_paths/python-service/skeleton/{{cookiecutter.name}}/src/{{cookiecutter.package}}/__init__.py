"""An HTTP service: `main` starts it, `api` is what it answers."""
