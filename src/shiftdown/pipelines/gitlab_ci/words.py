"""What values and conditions are called in GitLab's pipelines: as variables, and in scripts."""

from collections.abc import Mapping

from shiftdown.pipelines.values import CiValue, Condition, Output, Text, pieces

VALUES: Mapping[CiValue, str] = {
    CiValue.COMMIT: "CI_COMMIT_SHA",
    CiValue.BRANCH: "CI_COMMIT_REF_NAME",
    CiValue.REPOSITORY: "CI_PROJECT_PATH",
    CiValue.REPOSITORY_URL: "CI_PROJECT_URL",
    CiValue.IMAGE: "CI_REGISTRY_IMAGE",
    CiValue.REGISTRY: "CI_REGISTRY",
    CiValue.REGISTRY_USER: "CI_REGISTRY_USER",
    CiValue.REGISTRY_TOKEN: "CI_REGISTRY_PASSWORD",
}
CONDITIONS: Mapping[Condition, str] = {Condition.PUBLIC_REPOSITORY: '[ "$CI_PROJECT_VISIBILITY" = public ]'}


def variable(text: Text) -> str:
    """A text as the value of a variable: `$` of what is meant to the letter is doubled. It has no outputs."""
    return "".join(piece.replace("$", "$$") if isinstance(piece, str) else _reference(piece) for piece in pieces(text))


def quoted(text: Text) -> str:
    """A text as a word of a script."""
    inner = "".join(_escaped(piece) if isinstance(piece, str) else _reference(piece) for piece in pieces(text))
    return f'"{inner}"'


def output_name(step: str, name: str) -> str:
    """The shell variable that holds what a step has left."""
    return f"{step}_{name}".replace("-", "_")


def has_output(text: Text) -> bool:
    """Whether a text holds what a step leaves, which no variable of the job can."""
    return any(isinstance(piece, Output) for piece in pieces(text))


def _reference(piece: CiValue | Output) -> str:
    name = VALUES[piece] if isinstance(piece, CiValue) else output_name(piece.step, piece.name)
    return "${" + name + "}"


def _escaped(text: str) -> str:
    for character in '\\"$`':
        text = text.replace(character, f"\\{character}")
    return text
