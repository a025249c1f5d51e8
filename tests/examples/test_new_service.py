"""The example script makes a service, and prints what checks say of it."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "new_service.py"


def test_the_script_makes_a_service(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(SCRIPT), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    first, *findings = done.stdout.splitlines()
    assert first.startswith(f"{tmp_path}/greeter: ")
    assert first.endswith(" files from golden-path:go-service 1.0.0")
    assert findings
    assert {line.rpartition(" ")[2] for line in findings} == {"PASS"}
    assert (tmp_path / "greeter" / "go.mod").is_file()
    again = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 1
    assert "greeter" in again.stderr.splitlines()[-1]
