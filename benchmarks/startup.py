"""What `import shiftdown` and `shiftdown --help` cost beside a bare interpreter; the best of several runs."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

IMPORT_TARGET, HELP_TARGET = 100, 300


def best(runs: int, *command: str) -> float:
    """Milliseconds of the fastest run."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    bare = best(runs, sys.executable, "-c", "pass")
    imported = best(runs, sys.executable, "-c", "import shiftdown")
    helped = best(runs, str(Path(sys.executable).parent / "shiftdown"), "--help")
    print(f"bare interpreter    {bare:6.0f} ms")
    print(f"import shiftdown    {imported:6.0f} ms, {imported - bare:.0f} more (target: {IMPORT_TARGET})")
    print(f"shiftdown --help    {helped:6.0f} ms (target: {HELP_TARGET})")


if __name__ == "__main__":
    main()
