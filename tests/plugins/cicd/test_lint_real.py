"""The linters themselves, on what ADD_LINT_STAGE writes: they accept it and report an error that was planted.

golangci-lint is not at hand: of its configuration only the outline is judged.
"""

import json
import shutil
import sys
from pathlib import Path

import pytest

from shiftdown.edits import yaml
from shiftdown.pipelines import github_actions
from shiftdown.testing import case_snapshot, load_case, run_tool

CASES = Path(__file__).parent / "add_lint_stage" / "cases"
QUIET = "--no-audit --no-fund --prefer-offline"
COMPLEX = 16
"""One path more than the limit on complexity allows."""


def after(name: str, tmp_path: Path) -> Path:
    place = tmp_path / name
    shutil.copytree(CASES / name / "after", place)
    return place


def steps(name: str) -> dict[str, str]:
    """The commands of the job, by the names of their steps."""
    snapshot = case_snapshot(CASES / name / "after", load_case(CASES / name))
    jobs = [job for workflow in github_actions.read(snapshot) for job in workflow.jobs]
    return {step.name: step.run for job in jobs for step in job.steps if step.name and step.run}


def run(command: str, place: Path) -> tuple[int, str]:
    return run_tool(["bash", "-ec", command], directory=place)


def branches(indent: str, condition: str) -> str:
    return "".join(f"{indent}{condition.format(n)}\n" for n in range(COMPLEX))


def test_javascript(tmp_path: Path) -> None:
    name = "node_js_without_lock"
    place, commands = after(name, tmp_path), steps(name)
    code, output = run(f"npm install {QUIET}", without_tests(place))
    assert code == 0, output
    for step in ("Lint", "Check the format"):
        code, output = run(commands[step], place)
        assert code == 0, output
    planted = f"function tangled(n) {{\n{branches('  ', 'if (n === {}) return 1;')}  return 0;\n}}\n"
    (place / "src" / "planted.js").write_text(f"{planted}\nmodule.exports = {{ tangled, missing }};\n")
    code, output = run(commands["Lint"], place)
    assert code == 1
    assert "'missing' is not defined" in output
    assert "Maximum allowed is 15" in output
    (place / "src" / "planted.js").write_text('exports.a   =  "a"\n')
    code, output = run(commands["Check the format"], place)
    assert code == 1
    assert "src/planted.js" in output


def without_tests(place: Path) -> Path:
    """The packages that the linters do not need are left out: the test would only wait for them."""
    data = json.loads((place / "package.json").read_text())
    for name in ("jest", "supertest"):
        del data["devDependencies"][name]
    (place / "package.json").write_text(f"{json.dumps(data, indent=2)}\n")
    return place


def test_typescript(tmp_path: Path) -> None:
    name = "node_ts_with_lock"
    place, commands = after(name, tmp_path), steps(name)
    install = commands["Install the linters"].replace("npm install", f"npm install {QUIET} typescript@5.9.3")
    lock = (place / "package-lock.json").read_bytes()
    (place / "src" / "sum.test.ts").unlink()
    (place / "package.json").write_text('{\n\t"name": "example",\n\t"type": "module"\n}\n')
    code, output = run(install, place)
    assert code == 0, output
    assert (place / "package-lock.json").read_bytes() == lock
    for step in ("Lint", "Check the types"):
        code, output = run(commands[step], place)
        assert code == 0, output
    code, output = run("npx --no-install prettier --check eslint.config.js .prettierrc.json .github src", place)
    assert code == 0, output
    (place / "src" / "planted.ts").write_text("let a: any = 1;\nexport const b: string = a as number;\n")
    code, output = run(commands["Lint"], place)
    assert code == 1
    assert "@typescript-eslint/no-explicit-any" in output
    code, output = run(commands["Check the types"], place)
    assert code != 0
    assert "planted.ts(2," in output


@pytest.mark.parametrize("name", ["python_uv_nothing_configured", "python_setup_py_only"])
def test_python(name: str, tmp_path: Path) -> None:
    """With the Ruff and mypy of this environment in place of the ones that are downloaded."""
    place, commands = after(name, tmp_path), steps(name)
    lint = f"ruff {commands['Lint'].partition(' ruff')[2].partition(' ')[2]}"
    form = f"ruff {commands['Check the format'].partition(' ruff')[2].partition(' ')[2]}"
    types = commands["Check the types"].rpartition(" ")[2]
    environment = f'export PATH="{Path(sys.executable).parent}:$PATH"\n'
    assert (lint, form, types) == ("ruff check .", "ruff format --check .", "mypy")
    for command in (lint, form, types):
        code, output = run(environment + command, place)
        assert code == 0, output
    folder = place / "src" / "example" if (place / "src").exists() else place
    module = folder / ("planted.py" if (place / "src").exists() else "example.py")
    tangled = f"def tangled(n: int) -> int:\n{branches('    ', 'if n == {}: return 1')}    return 0\n"
    module.write_text(f"import sys, os\n\n{tangled}\nx: int = 'a'\n")
    code, output = run(environment + lint, place)
    assert code == 1
    assert {"C901", "F401", "I001"} <= {word.strip("[]*") for word in output.split()}
    assert run(environment + form, place)[0] == 1
    code, output = run(environment + types, place)
    assert code == 1
    assert "Incompatible types in assignment" in output


def test_checkstyle(tmp_path: Path) -> None:
    rules = CASES / "maven" / "after" / "config" / "checkstyle" / "checkstyle.xml"
    good = CASES / "maven" / "after" / "src" / "main" / "java" / "org" / "example" / "App.java"
    code, output = run_tool(["checkstyle", "-c", str(rules), str(good)])
    assert code == 0, output
    planted = tmp_path / "Planted.java"
    tangled = f"  int tangled(int n) {{\n{branches('    ', 'if (n == {}) {{ return 1; }}')}    return 0;\n  }}\n"
    planted.write_text(f"import java.util.List;\n\nclass Planted {{\n{tangled}}}\n")
    code, output = run_tool(["checkstyle", "-c", str(rules), str(planted)])
    assert code != 0
    assert "UnusedImports" in output
    assert "CyclomaticComplexity" in output


def test_golangci() -> None:
    data = yaml.load((CASES / "go" / "after" / ".golangci.yml").read_text())
    assert data["version"] == "2"
    assert data["linters"]["settings"]["gocyclo"]["min-complexity"] == 15
    assert data["formatters"]["enable"] == ["gofmt"]
