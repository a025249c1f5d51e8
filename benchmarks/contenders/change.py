"""The change that every contender makes: add a workflow, edit the README."""

WORKFLOW = ".github/workflows/ci.yml"
CONTENT = """\
name: CI
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make test
"""
ADDED = "\nEvery push is tested.\n"
MESSAGE = "Test every push"
