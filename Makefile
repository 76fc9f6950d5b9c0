# Everything sets itself up: `make pivot` and `make test` on a bare machine with Python >= 3.11 and its venv module.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help

help:  ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python >= 3.11 is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "The venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "installing locked dependencies into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

pivot: $(VENV)/.installed  ## run a whole pivot on the embedded lab and judge it
	@$(BIN)/harness run

test: $(VENV)/.installed  ## style, types, import contracts and the fast tests (< 5 minutes)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow"

test-all: $(VENV)/.installed  ## the slow suites and the real components too
	$(BIN)/python -m pytest -n auto --dist loadgroup

lock: $(VENV)/.installed  ## resolve requirements.lock again from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra dev \
	  pyproject.toml requirements-build.in -o requirements.lock

clean:  ## remove what make made
	rm -rf $(VENV) runs build *.egg-info .mypy_cache .ruff_cache .pytest_cache

.PHONY: help pivot test test-all lock clean
