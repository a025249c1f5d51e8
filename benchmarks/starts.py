"""CPU time of starting commands, for two checkouts in turn: what one costs beside the other, and a bare interpreter.

python benchmarks/starts.py                  # this checkout alone
python benchmarks/starts.py ../older         # this one beside another
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parents[1]
EXAMPLE = HERE / "examples" / "repositories" / "express-api"
MAIN = "from shiftdown.cli.main import main; main()"


def commands(example: str) -> dict[str, Sequence[str]]:
    """What is started, by its name."""
    return {
        "a bare interpreter": ("-c", "pass"),
        "import shiftdown": ("-c", "import shiftdown"),
        "--help": ("-c", MAIN, "--help"),
        "transformations list": ("-c", MAIN, "transformations", "list", "--json"),
        "plan": ("-c", MAIN, "plan", "ADD_TEST_STAGE", example, "--json"),
    }


def cpu(root: Path, command: Sequence[str]) -> float:
    """Milliseconds of CPU, user and system, of one run from a checkout."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(root / part) for part in ("src", "plugins"))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Measure, and print the best of several runs, since CPU time is longer on a busy machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, nargs="?", help="another checkout, with the same dependencies")
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    roots = [HERE, *([options.other.resolve()] if options.other else [])]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SHIFTDOWN_REGISTRY"] = f"sqlite:///{folder}/registry.db"
        example = shutil.copytree(EXAMPLE, Path(folder) / "example")
        subprocess.run(("git", "init", "--quiet", example), check=True)
        for name, command in commands(str(example)).items():
            best = dict.fromkeys(roots, float("inf"))
            for _ in range(options.runs + 1):  # the first one writes bytecode
                for root in roots:
                    best[root] = min(best[root], cpu(root, command))
            figures = "  ".join(f"{best[root]:6.0f} ms" for root in roots)
            ratio = f"  x {best[roots[0]] / best[roots[1]]:.2f}" if len(roots) == 2 else ""
            print(f"{name:22} {figures}{ratio}")


if __name__ == "__main__":
    main()
