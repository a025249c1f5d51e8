# `make demo` and `make test` do everything on a fresh machine with Python 3.11 or newer, make and git.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

export REPO
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start hundreds of programs: what they import is compiled once.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
INSTALL := $(PYTHON) -m pip install --quiet --require-hashes -r
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
GENERATED := grep -rlZ --include='*.md' --exclude-dir=.venv --exclude-dir=node_modules '\[\[\[cog' docs README.md

# Each test has its own folder and its own data: as many at a time as there are cores, and at least two.
WORKERS := $(shell n=$$(nproc 2>/dev/null || sysctl -n hw.logicalcpu); echo $$((n > 2 ? n : 2)))
PYTEST = $(PYTHON) -m pytest -n $(WORKERS) --dist worksteal

.PHONY: help demo test quick most explore lint format docs lock bench clean

help: ## Show what there is
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: .venv/.runtime ## Run a program from the CI/CD playbook on example applications, or on REPO=<URL or path>
	@echo "==> Demo"
	@$(PYTHON) examples/demo.py $(if $(REPO),"$$REPO")

test: lint ## Install everything, check everything, run all tests
	@echo "==> Tests"
	@$(PYTEST) $(PYTEST_OPTIONS)

most: lint ## The same without the tests that execute workflows and golden paths
	@echo "==> Tests"
	@$(PYTEST) -m "not slow" $(PYTEST_OPTIONS)

quick: .venv/.tools ## Only the tests that need neither servers nor installs, in a minute
	@$(PYTEST) -m quick $(PYTEST_OPTIONS)

explore: .venv/.tools ## Look for counterexamples: property tests with many new examples
	@$(PYTEST) -m hypothesis --hypothesis-profile explore $(PYTEST_OPTIONS)

lint: .venv/.tools ## Check style, types, import contracts and generated documentation
	@echo "==> Style"
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --quiet --check .
	@echo "==> Types"
	@$(PYTHON) -m mypy
	@echo "==> Import contracts"
	@.venv/bin/lint-imports --no-cache
	@echo "==> Generated documentation"
	@{ $(GENERATED) || true; } | xargs -0 -r .venv/bin/cog -P -I docs --check

format: .venv/.tools ## Format the code and fix what can be fixed
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

docs: .venv/.tools ## Generate the documentation that is made from code
	@{ $(GENERATED) || true; } | xargs -0 -r .venv/bin/cog -P -I docs -r

bench: .venv/.bench ## Compare with other programs
	@$(PYTHON) -m benchmarks

lock: .venv/.dev ## Resolve dependencies anew (add UPGRADE=--upgrade for newer versions)
	$(LOCK) $(UPGRADE) pyproject.toml requirements/build.in -o requirements/runtime.txt
	$(LOCK) $(UPGRADE) --extra copier --extra gitlab --extra postgresql --extra server --extra testing -c requirements/runtime.txt \
		pyproject.toml requirements/build.in requirements/dev.in -o requirements/dev.txt
	$(LOCK) $(UPGRADE) -c requirements/dev.txt requirements/bench.in -o requirements/bench.txt
	$(LOCK) $(UPGRADE) requirements/node.in -o requirements/node.txt
	$(LOCK) $(UPGRADE) requirements/terraform.in -o requirements/terraform.txt
	npm install --prefix tests/tools --package-lock-only

clean: ## Remove what was installed and generated
	rm -rf .venv tests/tools/node_modules dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@scripts/make-venv.sh

.venv/.runtime: requirements/runtime.txt pyproject.toml | .venv/bin/python
	@echo "==> Installing shiftdown into .venv"
	@$(INSTALL) requirements/runtime.txt
	@$(PYTHON) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/dev.txt fakes/pyproject.toml .venv/.runtime
	@echo "==> Installing test tools into .venv"
	@$(INSTALL) requirements/dev.txt
	@$(PYTHON) -m pip install --quiet --no-deps --no-build-isolation --editable fakes
	@touch $@

.venv/.tools: tests/tools/package-lock.json requirements/node.txt requirements/terraform.txt scripts/install-test-tools.sh .venv/.dev
	@echo "==> Installing other test tools"
	@scripts/install-test-tools.sh
	@touch $@

.venv/.bench: requirements/bench.txt .venv/.tools
	@echo "==> Installing what the benchmarks compare with"
	@$(INSTALL) requirements/bench.txt
	@touch $@
