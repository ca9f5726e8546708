# Two commands do everything: `make emulate` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
EMULATE_OPTIONS := $(if $(DURATION),--duration $(DURATION)) $(if $(SEED),--seed $(SEED)) $(if $(OUT),--out $(OUT))

.DEFAULT_GOAL := help
.PHONY: help emulate test bench bench-bus bench-world venv venv-dev check lint types imports soak lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
	@echo; echo "make emulate takes DURATION=60 SCENARIO=spike (or a file) SEED=7 OUT=folder, as in: make emulate DURATION=60"

emulate: $(VENV)/emulation.done ## Run an emulated edge cloud under load, then write its report
	@$(BIN)/galileo emulate $(SCENARIO) $(EMULATE_OPTIONS)

test: $(VENV)/dev.done ## Run the tests, setting up what they need
	@$(BIN)/pytest $(ARGS)

soak: $(VENV)/dev.done ## Run the long tests, about three quarters of an hour
	@$(BIN)/pytest -m soak $(ARGS)

bench-world: $(VENV)/emulation.done ## Measure the emulated Kubernetes API
	@$(BIN)/python -m benchmarks.bench_world $(ARGS)

bench-bus: $(VENV)/emulation.done ## Measure the bus against its peers
	@$(BIN)/python -m benchmarks.bench_bus $(ARGS)

bench: bench-bus bench-world ## All benchmarks

venv: $(VENV)/emulation.done ## Set up what running needs, in .venv

venv-dev: $(VENV)/dev.done ## Set up what developing needs, too

check: $(VENV)/dev.done lint types imports ## Everything that CI checks: style, types, imports, tests
	@$(BIN)/pytest $(ARGS)

lint: $(VENV)/dev.done ## Style (ruff)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/dev.done ## Types (mypy --strict)
	@$(BIN)/mypy

imports: $(VENV)/dev.done ## Who may import whom (import-linter)
	@$(BIN)/lint-imports

lock: ## Write the lock files anew (needs uv)
	@for set in emulation dev; do \
	  uv pip compile pyproject.toml --extra $$set --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header -q -o locks/$$set.txt; done

clean: ## Remove the environment, caches and runs
	@rm -rf $(VENV) runs .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/%.done: locks/%.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up .venv ($*) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/$*.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
