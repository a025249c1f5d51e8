"""What values and conditions are called in workflows."""

from collections.abc import Mapping

from shiftdown.errors import InvalidInputError
from shiftdown.pipelines.values import CiValue, Condition, Output, Text, pieces

VALUES: Mapping[CiValue, str] = {
    CiValue.COMMIT: "${{ github.sha }}",
    CiValue.BRANCH: "${{ github.ref_name }}",
    CiValue.REPOSITORY: "${{ github.repository }}",
    CiValue.REPOSITORY_URL: "${{ github.server_url }}/${{ github.repository }}",
    CiValue.IMAGE: "ghcr.io/${{ github.repository }}",
    CiValue.REGISTRY: "ghcr.io",
    CiValue.REGISTRY_USER: "${{ github.actor }}",
    CiValue.REGISTRY_TOKEN: "${{ secrets.GITHUB_TOKEN }}",
}
CONDITIONS: Mapping[Condition, str] = {Condition.PUBLIC_REPOSITORY: "!github.event.repository.private"}


def said(text: Text) -> str:
    """A text as a workflow says it.

    Raises:
        InvalidInputError: what is meant to the letter holds an expression (`${{`).
    """
    return "".join(_piece(piece) for piece in pieces(text))


def said_all(texts: Mapping[str, Text]) -> dict[str, str]:
    """Environment variables as a workflow says them. Raises as `said`."""
    return {name: said(text) for name, text in texts.items()}


def _piece(piece: str | CiValue | Output) -> str:
    if isinstance(piece, CiValue):
        return VALUES[piece]
    if isinstance(piece, Output):
        return f"${{{{ steps.{piece.step}.outputs.{piece.name} }}}}"
    if "${{" in piece:
        raise InvalidInputError(f"{piece!r} holds an expression of GitHub Actions: say it by a value (CiValue)")
    return piece
