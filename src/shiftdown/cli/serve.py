"""`serve`: the HTTP server."""

import typer

from shiftdown.cli.output import Settings
from shiftdown.errors import InvalidInputError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen at."),
    port: int = typer.Option(8000, "--port", min=0, max=65535, help="Port to listen at."),
) -> None:
    """Receive webhooks of forges at `/webhooks/HOST`, until it is stopped. Needs `shiftdown[server]`."""
    try:
        import uvicorn

        from shiftdown.server import create_app
    except ModuleNotFoundError:
        raise InvalidInputError("the server is not installed: pip install 'shiftdown[server]'") from None
    settings: Settings = context.obj
    with settings.open() as sd:
        typer.echo(f"listening at http://{host}:{port}", err=True)
        uvicorn.run(create_app(sd), host=host, port=port, log_config=None, server_header=False)
