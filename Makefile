# Everything sets itself up: `make pivot` and `make test` on a bare machine with Python >= 3.11 and its venv module.
PYTHON ?= python3
VENV := .venv
SUPPLY := build/supply
BIN := $(VENV)/bin
# Tests wait for servers more than they compute, so one more of them runs than there are cores.
WORKERS := $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))
JUDGES := tests/bmc/judges tests/bmc/redfish/test_sushy.py tests/bmc/recorder/ipmi/test_relay_judges.py \
  $(addprefix tests/bmc/ipmi/clients/test_,ipmitool.py ipmitool_lan.py pyghmi.py)
DATED = $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "dated and not slow"
# St John's in Newfoundland, half an hour off and with summer time, told without a table of time zones.
ELSEWHERE := NST3:30NDT,M3.2.0,M11.1.0
LAB := build/lab-processes
RUNS := build/runs-processes
SWEEP := build/sweep
PICTURED := build/pictures/pivot_status_lost
COMPARE = $(BIN)/harness compare tests/recordings
# true-to SCENARIO CODE COMPARISONS: real components race each other, so a difference counts that two runs in a row show.
true-to = for try in 1 2; do rm -rf $(RUNS)/$(1); $(BIN)/harness run $(1) --lab lab-processes.yaml --out $(RUNS)/$(1); \
	  test $$? -eq $(2) || exit 1; $(3) && exit 0; done; exit 1
BUILT := from harness.lab import versions; from harness.processes.programs import build; print(build.program(versions.pinned("clusterctl")).parent)
REAL := HARNESS_REAL_BIN="$${HARNESS_REAL_BIN:-$$($(BIN)/python -c '$(BUILT)')}"
SWEEPING = PATH="$$PATH:$$($(BIN)/python -c '$(BUILT)')" $(BIN)/harness sweep --lab labs/lab-sweep.yaml --out $(SWEEP)

# Tests read and write text in UTF-8, whatever the locale.
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help

help:  ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python >= 3.11 is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "The venv module is missing. On Debian or Ubuntu: apt-get install python3-venv; with dnf it comes with python3"; exit 1; }
	@echo "installing locked dependencies into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

figures: $(VENV)/.installed  ## measure, and write the figures of docs/detection.md (some minutes)
	$(BIN)/python -m benchmarks.figures --write

pace: $(VENV)/.installed  ## what a pivot of a hundred hosts and a verdict of a thousand take (docs/pace.md; some minutes)
	$(BIN)/python -m benchmarks.pace

series: $(VENV)/.installed  ## 20 good pivots of 100 hosts and 3 of 300, each with a reset planted, and some with a real one (half an hour)
	$(BIN)/python -m benchmarks.series

witness: $(VENV)/.installed  ## how long the real clusterctl takes to move 30 hosts with a witness beside it and without (`make components` first; minutes)
	$(BIN)/python -m benchmarks.witness

catalogue: $(VENV)/.installed  ## plant every defect of the catalogue in four runs, and write docs/catalogue.md (a minute or two)
	$(BIN)/python -m benchmarks.catalogue --write

properties: $(VENV)/.installed  ## 10,000 generated histories judged by a second judge too, and 500 of two properties each (some minutes)
	GENERATED_HISTORIES=10000 PROPERTY_EXAMPLES=500 $(BIN)/python -m pytest -n auto tests/verdict/test_second_evaluator.py tests/verdict/test_properties.py

approve: $(VENV)/.installed  ## take what the judge says now to be right: write tests/*/told/ again, for `git diff` to show what changed
	APPROVE=1 $(BIN)/python -m pytest -q -n 0 tests/verdict/test_recordings.py tests/checks/test_three_stories.py tests/checks/test_preflight.py tests/catalogue/test_one_of_each_class.py

mutants: $(VENV)/.installed  ## plant small faults in the judge, one at a time, and let its tests find each (many hours; goes on where it was interrupted)
	$(BIN)/python -m benchmarks.mutants

mutants-sample: $(VENV)/.installed  ## five of them in each package of the judge, drawn by a seed (two minutes)
	$(BIN)/python -m benchmarks.mutants --sample 5 --floor 0.7

pictures: $(VENV)/.installed  ## draw the pictures of the README again, of a run (docs/pictures/)
	rm -rf $(PICTURED)
	$(BIN)/harness run pivot_status_lost --out $(PICTURED); test $$? -eq 1
	$(BIN)/python -m benchmarks.pictures $(PICTURED) docs/pictures

pivot: $(VENV)/.installed  ## run a whole pivot on the embedded lab and judge it
	@$(BIN)/harness run

test: $(VENV)/.installed  ## style, types, import contracts and the fast tests (< 5 minutes)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow"

test-wheel: $(VENV)/.installed  ## build the wheel, install it where there is nothing, and pivot there
	$(BIN)/python -m pytest -n 0 tests/cli/test_wheel.py

test-dated: $(VENV)/.installed  ## the suites that depend on dates, in another time zone and with the clock a year ahead (Debian's faketime)
	TZ='$(ELSEWHERE)' $(DATED)
	@if command -v faketime >/dev/null; then set -x; faketime --exclude-monotonic -f +1y $(DATED); \
	  else echo "not run with the clock a year ahead: there is no faketime. apt-get install faketime, or dnf install libfaketime"; fi

environment-faults: $(VENV)/.installed  ## faults of the machine (streams, disk, limits, links, files), and the exit code of each (a minute)
	$(BIN)/python -m pytest -n $(WORKERS) -m "slow or not slow" tests/cli/test_environment.py

judges: $(VENV)/.installed  ## real clients judge the emulated BMCs: ipmitool, pyghmi, sushy, Ironic, DMTF's validators
	$(BIN)/python -m pytest -n 0 $(JUDGES)

components: $(VENV)/.installed  ## build the real components, or reuse them, and start a lab of them once
	test ! -d $(LAB) || $(BIN)/harness lab down $(LAB)
	rm -rf $(LAB)
	$(BIN)/harness lab up --lab lab-processes.yaml --dir $(LAB) --detach
	$(BIN)/harness lab down $(LAB)

workflow: $(VENV)/.installed  ## upstream's integration job on the embedded lab, from empty servers to empty servers (a minute)
	rm -rf build/workflow
	$(BIN)/harness run ci_integration --lab labs/lab-ci.yaml --out build/workflow

pivot-processes: $(VENV)/.installed  ## on real components: there and back, and one that must fail, compared with recorded real pivots
	$(call true-to,pivot_and_back,0,$(COMPARE)/b-good-pivot $(RUNS)/pivot_and_back --move-b 1 && \
	  $(COMPARE)/c-good-repivot $(RUNS)/pivot_and_back --move-b 2)
	$(call true-to,pivot_status_lost,1,$(COMPARE)/d-status-annotation-lost $(RUNS)/pivot_status_lost)

sweep-sample: $(VENV)/.installed  ## kill the real clusterctl at some points of a move and cut it off at others, and recover each time
	rm -rf $(SWEEP)
	$(SWEEPING) --by kill --every 32
	$(SWEEPING) --by cut --every 400

tamper: $(VENV)/.installed  ## change journal, verdict and certificate of a run 10,000 times; `harness verify` must find each (2 minutes)
	$(BIN)/python -m benchmarks.tamper

test-real: $(VENV)/.installed  ## the real clusterctl and kubectl on what we emulate, as far as they are built or on PATH
	$(REAL) $(BIN)/python -m pytest -n auto --dist loadgroup -m "real and not slow" $(JUDGES:%=--ignore=%)

test-slow: $(VENV)/.installed  ## the slow suites; what failed is tried once more, alone
	$(REAL) $(BIN)/python -m pytest -n auto --dist loadgroup -m slow $(JUDGES:%=--ignore=%) || \
	  $(REAL) $(BIN)/python -m pytest -n 0 --last-failed --last-failed-no-failures none -m slow $(JUDGES:%=--ignore=%)

test-all: test test-dated judges test-real test-slow  ## everything

lock: $(VENV)/.installed  ## resolve requirements.lock again from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra dev \
	  pyproject.toml requirements-build.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  requirements-supply.in -o requirements-supply.lock

$(SUPPLY)/.installed: requirements-supply.lock
	@$(PYTHON) -m venv $(SUPPLY)
	@$(SUPPLY)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-supply.lock
	@touch $@

sbom: $(VENV)/.installed $(SUPPLY)/.installed  ## what this is made of: build/sbom.cdx.json, in CycloneDX, of the locked environment
	$(SUPPLY)/bin/cyclonedx-py environment --pyproject pyproject.toml --short-PURLs --output-reproducible --validate --output-format JSON \
	  --output-file build/sbom.cdx.json $(BIN)/python

audit: $(VENV)/.installed $(SUPPLY)/.installed  ## known vulnerabilities of the locked dependencies; NOT RUN where no advisories can be had
	@mkdir -p build
	@$(SUPPLY)/bin/pip-audit --progress-spinner off --require-hashes --disable-pip -r requirements.lock -f json -o build/audit.json 2>/dev/null; \
	  test -s build/audit.json || echo '{"dependencies": []}' > build/audit.json
	@$(BIN)/python -m benchmarks.audit build/audit.json

clean:  ## remove what make made
	rm -rf $(VENV) runs build *.egg-info .mypy_cache .ruff_cache .pytest_cache

.PHONY: help figures pace series witness catalogue properties approve mutants mutants-sample pictures pivot test test-dated test-wheel environment-faults workflow judges components pivot-processes sweep-sample tamper test-real test-slow test-all lock sbom audit clean
