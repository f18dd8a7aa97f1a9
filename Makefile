# Everything runs in the project's own environment, made from the lock file on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SCENARIO ?= guest-role-permission

.DEFAULT_GOAL := help
.PHONY: help report test lint lab notebooks pictures bench recordings trust sbom docs lock clean

help:
	@echo "make report     a health report of the sandbox (SCENARIO=$(SCENARIO)): ends with its path"
	@echo "make test       style, types, tests, notebooks"
	@echo "make lab        JupyterLab on the sandbox"
	@echo "make notebooks  run the notebooks again and store their outputs"
	@echo "make pictures   take the README's pictures again"
	@echo "make bench      the benchmarks"
	@echo "make recordings Chromium and Firefox record every scenario of the sandbox (about an hour)"
	@echo "make trust      every suite of trust whole: no lie, leak, injection, flood or surprise (some hours)"
	@echo "make sbom       the bill of materials, build/sbom.cdx.json (CycloneDX)"
	@echo "make docs       the public names as one page, build/api.html"
	@echo "make lock       resolve the requirements again"

$(STAMP): pyproject.toml .ci/requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rumkit needs Python 3.11 or newer")'
	@echo "Installing rumkit into $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .ci/requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

report: $(STAMP)
	@$(BIN)/rumkit sandbox $(SCENARIO) -- $(BIN)/rumkit report --exit-zero --output reports

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: $(STAMP)
	$(BIN)/rumkit sandbox all -- $(BIN)/jupyter lab notebooks

notebooks: $(STAMP)
	$(BIN)/python tests/notebooks/renew.py

pictures: $(STAMP)
	$(BIN)/python tests/notebooks/pictures.py

bench: $(STAMP)
	$(BIN)/python tests/benchmarks/run.py

recordings: $(STAMP)
	RUMKIT_RECORD_ALL=1 $(BIN)/python -m pytest -n 0 tests/recorder/test_recorded_scenarios.py

trust: $(STAMP)
	RUMKIT_TRUST=whole $(BIN)/python -m pytest -n 0 tests/trust
	$(BIN)/python tests/trust/lies.py
	$(BIN)/python tests/trust/leaks.py
	$(BIN)/python tests/trust/injections.py

# The tool has an environment of its own, so that it is no part of what it lists.
sbom: $(STAMP)
	$(PYTHON) -m venv build/sbom
	build/sbom/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0
	build/sbom/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
		--output-file build/sbom.cdx.json $(BIN)/python

docs: $(STAMP)
	$(BIN)/python tests/docs/api_page.py

lock:
	$(PYTHON) -m pip install --quiet uv
	$(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--all-extras pyproject.toml --output-file .ci/requirements.lock

clean:
	rm -rf $(VENV) reports
