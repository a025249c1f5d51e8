#!/usr/bin/env bash
# Make the virtual environment .venv with a Python that this project supports.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'

if [ -x .venv/bin/python ] && .venv/bin/python -c "$supported"; then
    exit 0
fi

for python in python3 python3.14 python3.13 python3.12 python3.11; do
    if ! "$python" -c "$supported" 2>/dev/null; then
        continue
    fi
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    # Debian keeps what `venv` needs in a package of its own.
    "$python" -c 'import ensurepip, venv' 2>/dev/null || scripts/apt-install.sh "python$version-venv"
    echo "Making .venv with Python $version"
    exec "$python" -m venv --clear .venv
done

echo "No Python 3.11, 3.12, 3.13 or 3.14 found on PATH (python3 is $(python3 --version 2>&1 || true))." >&2
echo "Please install one of them, then try again." >&2
exit 1
