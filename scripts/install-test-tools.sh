#!/usr/bin/env bash
# Install the programs that the tests call and that are not Python packages: PostgreSQL, Node.js, npm packages, Checkstyle, Go,
# and Maven with the plugins and libraries that its tests use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! command -v initdb >/dev/null; then
    scripts/apt-install.sh postgresql
fi

command -v checkstyle >/dev/null || scripts/apt-install.sh checkstyle
command -v go >/dev/null || scripts/apt-install.sh golang-go
if ! { command -v mvn && [ -e /usr/share/maven-repo/org/junit/jupiter ] && [ -e /usr/share/maven-repo/org/apache/maven/surefire ]; } >/dev/null; then
    scripts/apt-install.sh maven libmaven-compiler-plugin-java libmaven-jar-plugin-java libmaven-resources-plugin-java \
        libsurefire-java junit5
fi

# The npm packages need Node.js 20.19 or newer.
recent='const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)'
if ! { command -v npm && node -e "$recent"; } >/dev/null 2>&1; then
    echo "Installing Node.js into .venv"
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
fi

echo "Installing npm packages into tests/tools/node_modules"
npm ci --prefix tests/tools --no-progress --loglevel=error >/dev/null
# Of GitHub's contracts one is used; the others take 380 MB.
find tests/tools/node_modules/@octokit/openapi/generated -name '*.json' ! -name api.github.com.json -delete
