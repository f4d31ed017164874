# All a newcomer needs. `make demo` first; `make help` lists the rest.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
# Workers of the test run, auto for one more than there are cores; 0 runs the tests in one process.
JOBS ?= auto
# Each worker takes a stretch of neighbors, so that what they share is made once, and whoever is done takes of the other's end.
PYTEST := $(PY) -m pytest -n $(JOBS) --dist worksteal -q
# What needs no test runs beside the type checker, which takes longest and starts first; each says its part whole.
BESIDE := -j 2 --keep-going --no-print-directory $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev

# A virtual environment whose Python is gone is made anew.
ifeq ($(wildcard $(PY)),)
$(shell rm -f $(RUN_STAMP) $(DEV_STAMP))
endif

.DEFAULT_GOAL := help
.PHONY: docs help tour demo serve test check static bench clean lock chromium format lint types imports templates migrations translations deploy audit pango

help:
	@echo "make demo      set up, import real help-desk records, compute pay, open the portal (SERVE=0 stops after the table)"
	@echo "make serve     open the portal with worker and scheduler"
	@echo "make test      every test, browser tests included"
	@echo "make check     what CI runs: format, lint, types, imports, templates, migrations, translations, deployment, audit, tests"
	@echo "make bench     the benchmarks"
	@echo "make docs      write docs/rules.md anew from the rules themselves"
	@echo "make tour      write docs/tour.md anew: a picture of every page of the demo that make serve has open"
	@echo "make lock      compile requirements*.txt from pyproject.toml"
	@echo "make clean     remove the virtual environment, the embedded databases and caches"

$(RUN_STAMP): requirements.txt scripts/install.sh
	@sh scripts/install.sh $(VENV) requirements.txt $@

$(DEV_STAMP): requirements-dev.txt scripts/install.sh
	@sh scripts/install.sh $(VENV) requirements-dev.txt $@
	@touch $(RUN_STAMP)

demo: $(RUN_STAMP) pango
	@$(PY) manage.py demo $(if $(filter 0,$(SERVE)),--no-serve)

serve: $(RUN_STAMP)
	@$(PY) manage.py serve

pango: $(RUN_STAMP)
	@sh scripts/pango.sh $(PY)

chromium: $(DEV_STAMP)
	@sh scripts/chromium.sh $(PY)

tour: $(DEV_STAMP) chromium
	@$(PY) -m scripts.tour

test: $(DEV_STAMP) chromium pango
	@$(PYTEST) $(PYTEST_ARGS)

check: $(DEV_STAMP)
	@$(MAKE) $(BESIDE) static
	@$(MAKE) --no-print-directory test

static: types format lint imports templates migrations translations deploy audit

format: $(DEV_STAMP)
	@echo "== format"
	@$(PY) -m ruff format --check .

lint: $(DEV_STAMP)
	@echo "== lint"
	@$(PY) -m ruff check .

types: $(DEV_STAMP)
	@echo "== types"
	@$(PY) -m mypy

imports: $(DEV_STAMP)
	@echo "== import rules"
	@$(VENV)/bin/lint-imports --no-logo 2>/dev/null || $(VENV)/bin/lint-imports

templates: $(DEV_STAMP)
	@echo "== templates"
	@$(PY) -m djlint templates --lint --quiet

migrations: $(DEV_STAMP)
	@echo "== missing migrations"
	@$(PY) manage.py makemigrations --check --dry-run

translations: $(DEV_STAMP)
	@echo "== translations"
	@$(PY) scripts/translations.py check

deploy: $(DEV_STAMP)
	@echo "== deployment"
	@sh scripts/deploy_check.sh $(PY)

audit: $(DEV_STAMP)
	@echo "== dependency audit"
	@$(PY) scripts/audit.py requirements.txt requirements-dev.txt

bench: $(DEV_STAMP)
	@$(PY) -m benchmarks $(BENCH)

lock: $(DEV_STAMP)
	@sh scripts/lock.sh $(VENV)

clean:
	@if [ -x $(PY) ]; then $(PY) manage.py services stop || true; fi
	@rm -rf $(VENV) var staticfiles test-results .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed the virtual environment, the embedded databases and caches."

docs: $(DEV_STAMP)
	@$(PY) scripts/list_rules.py
