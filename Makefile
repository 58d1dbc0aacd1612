# Needs Python 3.11 or newer and make; everything else is set up in .venv by the first target that wants it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test kills lint referee bench peers clean

PYTHON ?= $(shell for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$candidate" && break; \
	done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
# What pip says matters only when it fails.
QUIETLY = >.venv/setup.log 2>&1 || { cat .venv/setup.log >&2; exit 1; }
REFEREE := .ci-venvs/referee
DEMO_SPEED ?= 15

help:
	@echo 'make demo     watch a region fail and on-premises reach its machines again (needs no Azure)'
	@echo 'make test     the tests'
	@echo 'make kills    kill the host 200 times on its way through failovers, then the long rehearsals'
	@echo 'make lint     ruff, mypy --strict, import layers'
	@echo "make referee  index and run the app with Microsoft's own worker library"
	@echo 'make bench    measure'
	@echo 'make setup    only set up .venv; the command is then $(BIN)/bridgehead'

$(BIN)/.created:
	@test -n '$(PYTHON)' || { echo 'Bridgehead needs Python 3.11 or newer with venv; set PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'setting up .venv (the first time takes a minute)' >&2
	@$(PYTHON) -m venv .venv
	@touch $@

$(BIN)/.ready: $(BIN)/.created pyproject.toml requirements.txt requirements-local.txt
	@$(PIP) install --editable . $(QUIETLY)
	@touch $@

$(BIN)/.ready-dev: $(BIN)/.ready requirements-dev.txt
	@$(PIP) install --requirement requirements-dev.txt $(QUIETLY)
	@touch $@

setup: $(BIN)/.ready

demo: $(BIN)/.ready
	@$(BIN)/bridgehead rehearse plans/company-b.yaml --scenario scenarios/company-b.yaml --speed $(DEMO_SPEED) --report .demo

# Rehearsals wait more than they work, and they are longest: three at a time, and first.
ABREAST = --numprocesses 3 --dist loadfile --no-loadscope-reorder
TESTS ?= tests/e2e tests/cli tests/devhost tests

test: $(BIN)/.ready-dev
	@$(BIN)/python -m pytest $(ABREAST) -m 'not referee and not long' $(TESTS)

KILLS ?= 200
LONG ?= long

kills: $(BIN)/.ready-dev
	@$(BIN)/python tests/e2e/killing.py --kills $(KILLS)
	@$(BIN)/python -m pytest $(ABREAST) -m '$(LONG)' tests/e2e

lint: $(BIN)/.ready-dev
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --config pyproject.toml

# The library says Python 3.13; it runs on 3.11 too, beside the app's own packages but in a folder of its own.
$(REFEREE)/.ready: $(BIN)/.ready
	@rm -rf $(REFEREE)
	@$(PIP) install --no-deps --ignore-requires-python --target $(REFEREE) \
		azure-functions-runtime==1.3.0 azurefunctions-extensions-base==1.2.0 $(QUIETLY)
	@touch $@

referee: $(BIN)/.ready-dev $(REFEREE)/.ready
	@BRIDGEHEAD_REFEREE=$(REFEREE) $(BIN)/python -m pytest -m referee tests/referee

bench: $(BIN)/.ready-dev
	@$(BIN)/python -m benchmarks $(BENCH)

# What the embedded host is set beside, for information; `make bench` leaves it out when it is not there.
peers: $(BIN)/.created
	@test -d .ci-venvs/peers || $(PYTHON) -m venv .ci-venvs/peers
	@.ci-venvs/peers/bin/python -m pip --quiet --disable-pip-version-check --no-input install durabletask==1.12.0 dbos==3.4.0

clean:
	@rm -rf .venv .ci-venvs .demo .bridgehead .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
