# Every target sets up what it needs in .venv; only Python 3.11 or newer and make must be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
PYTHONS := python3.12 python3.13 python3.14

.DEFAULT_GOAL := help
.PHONY: help demo lab quick test test-lowest test-pythons check format docs notebooks pictures bench clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 16

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "swnb needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=…")'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.lab: pyproject.toml | $(VENV)/.python
	@echo "Installing swnb and JupyterLab into $(VENV) (once; a minute or two) …"
	@$(RUN) -m pip install --quiet --disable-pip-version-check -e '.[lab]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/.python
	@echo "Installing swnb and what its tests need into $(VENV) (once) …"
	@$(RUN) -m pip install --quiet --disable-pip-version-check -e '.[lab,scale,test,check]'
	@touch $@ $(VENV)/.lab

demo: $(VENV)/.lab  ## Run the quickstart against a simulated space and print what it logged
	@$(RUN) notebooks/demo.py

lab: $(VENV)/.lab  ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=notebooks

# A log waits until the disk has each row; in memory there is nothing to wait for. And modules are
# compiled once, also where Python is told to write no bytecode beside them.
QUICK_ROOT = $(shell df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 500 {print "PYTEST_DEBUG_TEMPROOT=/dev/shm"}')
QUICK = PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/$(VENV)/bytecode $(QUICK_ROOT)

quick: $(VENV)/.test  ## Run the quick tests (about three minutes), without browser, kernels, Dask and Spark
	@$(QUICK) $(RUN) -m pytest -o tmp_path_retention_policy=failed -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not engines and not kernel and not slow" $(ARGS)

test: $(VENV)/.test  ## Run all tests; ARGS='…' goes to pytest
	@$(RUN) -m pytest -n 2 --dist loadfile $(ARGS)

# Each has an environment of its own, with swnb's own dependencies and pytest alone.
$(VENV)/lowest/.done: pyproject.toml tests/smoke/lowest.py | $(VENV)/.python
	@echo "Installing the lowest versions that pyproject.toml allows (once) …"
	@$(RUN) -m venv --clear $(VENV)/lowest
	@$(RUN) tests/smoke/lowest.py > $(VENV)/lowest/pins.txt
	@$(VENV)/lowest/bin/python -m pip install --quiet --disable-pip-version-check -c $(VENV)/lowest/pins.txt -e . pytest
	@touch $@

test-lowest: $(VENV)/lowest/.done  ## Run the smoke test with the lowest versions allowed
	@$(VENV)/lowest/bin/python -m pytest -q -p no:cacheprovider tests/smoke

test-pythons: | $(VENV)/.python  ## Run the smoke test on each newer Python that is on the PATH
	@found=; for python in $(PYTHONS); do \
	  $$python -c 'import venv, ensurepip' 2>/dev/null || continue; \
	  found=yes; place=$(VENV)/$$python; echo "== $$($$python --version)"; \
	  if [ ! -e $$place/.done ] || [ pyproject.toml -nt $$place/.done ]; then \
	    $$python -m venv --clear $$place && \
	    $$place/bin/python -m pip install --quiet --disable-pip-version-check -e . pytest && \
	    touch $$place/.done || exit 1; \
	  fi; \
	  $$place/bin/python -m pytest -q -p no:cacheprovider tests/smoke || exit 1; \
	done; [ -n "$$found" ] || echo "None of $(PYTHONS) is on the PATH; nothing was run."

check: $(VENV)/.test  ## Lint and type
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.test  ## Lay out the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

docs: $(VENV)/.test  ## Write the generated pages again
	@$(RUN) docs/generate.py

notebooks: $(VENV)/.test  ## Execute the notebooks again, in place
	@$(RUN) notebooks/execute.py

pictures: $(VENV)/.test  ## Take the pictures of the README again (needs Chromium)
	@$(RUN) docs/pictures.py

bench: $(VENV)/.test  ## Print the benchmarks
	@for script in benchmarks/imports.py benchmarks/send.py benchmarks/redact.py benchmarks/log_write.py benchmarks/log_frame.py benchmarks/sync.py benchmarks/costs.py benchmarks/replay.py benchmarks/forms.py benchmarks/events.py; do echo "== $$script"; $(RUN) $$script || exit 1; done

clean:  ## Remove what was built
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
