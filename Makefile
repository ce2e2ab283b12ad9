# Every target sets up what it needs in .venv; only Python 3.11 or newer and make must be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo lab test check format docs notebooks bench clean

help:  ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 12

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

test: $(VENV)/.test  ## Run the tests; ARGS='…' goes to pytest
	@$(RUN) -m pytest -n 2 --dist loadfile $(ARGS)

check: $(VENV)/.test  ## Lint and type
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.test  ## Lay out the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

docs: $(VENV)/.test  ## Write the generated pages anew
	@$(RUN) docs/generate.py

notebooks: $(VENV)/.test  ## Execute the notebooks anew, in place
	@$(RUN) notebooks/execute.py

bench: $(VENV)/.test  ## Print the benchmarks
	@for script in benchmarks/imports.py benchmarks/send.py benchmarks/log_write.py benchmarks/log_frame.py benchmarks/sync.py benchmarks/costs.py benchmarks/replay.py benchmarks/forms.py; do echo "== $$script"; $(RUN) $$script || exit 1; done

clean:  ## Remove what was built
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
