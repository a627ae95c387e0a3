# Codetrail from a checkout: `make demo` to see it, `make test` to trust it.
# Every target works as root and as an ordinary user, and is quick the second time.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
REQUIREMENTS := config/requirements/base.in config/requirements/test.in config/requirements/dev.in
ARGS ?=
# Two cores carry two test processes; `make test WORKERS=0` runs in one.
WORKERS ?= 2
# Without compiled modules every start of a test process costs seconds more.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-heavy bench lint format types requirements requirements-check reset

help:            ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 20

venv: $(STAMP)   ## the virtual environment with everything in requirements.txt

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13. Name one: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || \
		{ echo "The venv module is missing: install it (Debian: apt install python3-venv)." >&2; rm -rf $(VENV); exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

demo: venv       ## web, worker and beat with demo data on 127.0.0.1:$PORT, until Ctrl-C
	@$(PY) manage.py demo

test: venv       ## the suite without heavy tests; ARGS goes to pytest
	$(PY) -m pytest -m "not heavy" -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

test-heavy: venv ## process kills, simulations, large files, longer walks in a browser
	$(PY) -m pytest -m heavy $(ARGS)

bench: venv      ## the benchmarks; BENCH_ITEMS sets the size
	CODETRAIL_INSTANCE=bench $(PY) -m tests.benchmarks $(ARGS)

lint: venv requirements-check ## style, types, import contracts, templates, migrations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/djlint templates --check --quiet
	$(VENV)/bin/djlint templates --lint --quiet
	$(VENV)/bin/lint-imports --no-logo
	$(PY) -m mypy
	$(PY) manage.py makemigrations --check --dry-run

format: venv     ## let the tools put style right
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(VENV)/bin/djlint templates --reformat --quiet

requirements: venv ## compile requirements.txt anew after a change of an .in file
	$(PY) -m config.requirements compile

requirements-check: venv ## refuse a requirements.txt that does not follow from the .in files
	$(PY) -m config.requirements check

reset:           ## stop what runs here and remove its data (.local/)
	@if [ -x $(PY) ]; then $(PY) -m config.reset; else rm -rf .local; fi
