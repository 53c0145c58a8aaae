# What a newcomer types. The work is done by tools/*.py; this file only prepares .venv and names the commands.

PYTHON ?= python3
RUN := .venv/bin/python -m
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check fix rows mutants bench screenshots lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile


demo: .venv/.demo ## a believable town on this machine: portal, worker, banks, mailbox
	@.venv/bin/preau demo

demo-reset: .venv/.demo ## the same, started over
	@.venv/bin/preau demo --reset

test: .venv/.dev ## everything: both databases, browser journeys, architecture
	@$(RUN) tools.suite

check: .venv/.dev ## format, lint, types, contracts, migrations, templates, dead code, security
	@$(RUN) tools.check

fix: .venv/.dev ## what the formatter and the linter can mend alone
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .

rows: .venv/.dev ## which rows of docs/rows.md the last full test run proved
	@$(RUN) tools.rows

mutants: .venv/.dev ## bugs put in on purpose, in copies: is each caught? also in build/mutants.json
	@$(RUN) tools.mutants

bench: .venv/.dev ## the figures, in build/bench.json
	@$(RUN) tools.bench

screenshots: .venv/.dev ## pictures of every page, at 360 and 1280 px, in build/screenshots
	@$(RUN) tools.screenshots

lock: .venv/.dev ## choose the newest versions allowed and write requirements*.txt
	@tools/lock

# The demo needs no development tool; whoever has these already needs nothing more.
.venv/.demo: requirements.txt pyproject.toml
	@test -e .venv/.dev && test .venv/.dev -nt requirements-dev.txt || tools/install requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt pyproject.toml
	@tools/install requirements-dev.txt
	@touch $@
