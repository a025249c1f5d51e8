"""What every golden path's result has beside its code: who owns it, and documentation that leads somewhere."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.golden_paths.kit import assert_valid_entities, read_yaml, template_of

_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def check_documents(name: str, target: Path, values: Mapping[str, Any]) -> None:
    """Assert that the template and the entity are valid and say what was given, and that no link leads nowhere."""
    entity = read_yaml((target / "catalog-info.yaml").read_text("utf-8"))
    assert_valid_entities([template_of(name), entity])
    assert entity["metadata"]["name"] == values["name"]
    assert entity["metadata"]["description"] == values["description"]
    assert entity["metadata"]["annotations"]["backstage.io/techdocs-ref"] == "dir:."
    assert (entity["spec"]["owner"], entity["spec"].get("system")) == (values["owner"], values.get("system"))
    owners = [line for line in (target / "CODEOWNERS").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert owners == ([f"* {values['codeOwners']}"] if "codeOwners" in values else [])
    site = read_yaml((target / "mkdocs.yml").read_text("utf-8"))
    pages = {page for entry in site["nav"] for page in entry.values()}
    assert pages == {str(p.relative_to(target / "docs")) for p in (target / "docs").rglob("*.md")}
    for page in [target / "README.md", *(target / "docs").rglob("*.md")]:
        text = page.read_text("utf-8").replace(str(values["description"]), "")
        missing = [link for link in _LINK.findall(text) if not (page.parent / link).exists()]
        assert not missing, f"{page.name} links to {missing}"
    assert {".editorconfig", ".gitignore", "README.md"} <= {p.name for p in target.iterdir()}
