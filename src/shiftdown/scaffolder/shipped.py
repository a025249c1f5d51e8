"""The golden paths that come with shiftdown."""

from pathlib import Path


def shipped_golden_paths() -> dict[str, str]:
    """Their folders by name: beside the package where it is installed, else at the root of the checkout."""
    package = Path(__file__).parents[1]
    root = next((p for p in (package / "golden_paths", package.parents[1] / "golden_paths") if p.is_dir()), None)
    if root is None:
        return {}
    return {template.parent.name: str(template.parent) for template in sorted(root.glob("*/template.yaml"))}
