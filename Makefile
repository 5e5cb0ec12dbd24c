# Each target does all its own set-up; the second run starts at once.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help demo test check matrix bench clean

help:  ## What can be made here
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

$(READY): pyproject.toml constraints.txt scripts/set_up.py
	@$(PYTHON) scripts/set_up.py

demo: $(READY)  ## Play the manual's whole journey and write a report with pictures
	@$(BIN)/twofold run scenarios/manual/first_journey.scenario.yaml

test: $(READY)  ## Run all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(READY)  ## Lint, format, types, import contracts and all tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/twofold check scenarios
	@$(BIN)/python -m pytest -n 2 --dist loadfile

matrix: $(READY)  ## Plant every bug and print what catches it
	@$(BIN)/python -m scripts.matrix

bench: $(READY)  ## Measure every figure; ONLY=journey measures some
	@$(BIN)/python -m benchmarks $(ONLY)

clean:  ## Remove the environment and what was made
	@rm -rf .venv report build dist
