# From a fresh clone, with Python 3.11 or newer and make only.
.DEFAULT_GOAL := help
PORT ?= 8000
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: help setup run demo test soak check style types law schema fix bench faults screenshots lock

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/run.stamp: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更高版本，请先安装" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: .venv/dev.stamp ## the environment in .venv, nothing else

demo: .venv/run.stamp
	@$(BIN)/taskboard demo

run: .venv/run.stamp ## environment, database, demonstration, web and jobs on PORT (8000)
	@$(BIN)/taskboard demo
	@exec $(BIN)/taskboard serve --with-jobs --port $(PORT)

test: .venv/dev.stamp ## both databases; browser journeys where Chromium is found
	@$(BIN)/python -m pytest -q -n 2

soak: .venv/dev.stamp ## 20 000 random steps over items, verbs and seats, with races, on each database
	@TASKBOARD_WALK_STEPS=20000 $(BIN)/python -m pytest -q -n 2 tests/items/test_walk.py

check: style types law schema test ## what CI runs

style: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/dev.stamp
	@$(BIN)/mypy

law: .venv/dev.stamp
	@$(BIN)/lint-imports

schema: .venv/dev.stamp
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export TASKBOARD_VAR="$$folder" TASKBOARD_DATABASE_URL= && \
	  $(BIN)/flask --app wsgi db upgrade && $(BIN)/flask --app wsgi db check

fix: .venv/dev.stamp ## let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/dev.stamp ## the budgets, each against its floor
	@$(BIN)/python -m bench

faults: .venv/dev.stamp ## kill, refuse, restart, fill disks and turn clocks, on loopback only; prints a table (half an hour)
	@$(BIN)/python -m bench.faults

screenshots: .venv/dev.stamp ## the README's pictures, anew
	@$(BIN)/python -m bench.screenshots

lock: .venv/dev.stamp ## pin the dependencies anew, with hashes and without hosts
	@for extra in "-o requirements.txt" "--extra distributed -c requirements.txt -o requirements-distributed.txt" \
	  "--extra dev --extra e2e -c requirements.txt -o requirements-dev.txt"; do \
	  $(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host --no-emit-options $$extra pyproject.toml; done
