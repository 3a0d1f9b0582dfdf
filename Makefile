# `make` lists the targets. Everything lands in .venv and var/; nothing is installed for the whole machine
# except system packages, and those only where you are root (otherwise you are told the one command).

.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash

PY := .venv/bin/python
ARGS ?=
PINS := pyproject.toml .ci/constraints.txt .ci/setup.sh

# Some programs that the comparisons use live where only root's PATH leads.
export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22
	@echo
	@echo '  ARGS="…" is handed on: make run ARGS="--help", make test ARGS="-k store -x"'

.PHONY: setup
setup: .venv/.ready-runtime ## create .venv with what the program needs

.PHONY: run
run: setup ## start the daemon on config/
	@exec .venv/bin/syndicator run $(ARGS)

.PHONY: test
test: .venv/.ready-test ## set up PostgreSQL, Chromium and the test tools, and run the tests
	@$(PY) -m pytest -n 3 --dist worksteal -m 'not peers' $(ARGS)

.PHONY: test-peers
test-peers: .venv/.ready-peers ## install other programs and compare with them
	@$(PY) -m pytest -m peers $(ARGS)

.PHONY: lint
lint: .venv/.ready-lint ## check style, types and the directions of imports
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

.PHONY: format
format: .venv/.ready-lint ## let ruff put the code in order
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

.PHONY: bench
bench: .venv/.ready-peers ## measure, with what others need for the same work beside it
	@$(PY) bench/pull.py $(ARGS)

.PHONY: fuzz
fuzz: .venv/.ready-test ## feed mutated documents to everything that reads, for ten minutes
	@$(PY) bench/fuzz.py $(ARGS)

.PHONY: fire
fire: .venv/.ready-test ## kill the mailer 300 times before a wild mail server, and count what was lost
	@$(PY) tests/fire.py $(ARGS)

.PHONY: pins
pins: ## choose the newest versions that fit pyproject.toml and write .ci/constraints.txt
	@.ci/pins.sh

.PHONY: clean
clean: ## remove .venv and all caches; config/ and var/ (the data) stay
	@rm -rf .venv build dist artefacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.ready-%: $(PINS)
	@.ci/setup.sh $*
