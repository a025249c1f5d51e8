#!/bin/sh
# The change made with git alone: use_git.sh BRANCH CHANGE_FOLDER LOCATION
set -e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --depth 1 "$3" "$work"
cd "$work"
git checkout --quiet -b "$1"
mkdir -p .github/workflows
cat "$2/workflow" > .github/workflows/ci.yml
cat "$2/added" >> README.md
git add .github README.md
git commit --quiet -m "Test every push"
git push --quiet origin "$1"
