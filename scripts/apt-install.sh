#!/usr/bin/env bash
# Install Debian packages, when they are needed: apt-install.sh PACKAGE...
set -euo pipefail

if ! command -v apt-get >/dev/null; then
    echo "Please install these with your package manager, then try again: $*" >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Please run as root: apt-get install $*" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing Debian packages: $*"
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >/dev/null
