# Two commands for everybody:  make demo   see it work      make test   check that it works
# For those who change it:     make check  make format      make help   all the others
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
# Handed to pytest: make test ARGS="tests/domain -k quorum"
ARGS ?=

PYTHON_IN := .venv/bin/python
# Programs are started as modules: a folder that was moved keeps working.
PO := $(wildcard conference/translations/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
CHECKS := check-format check-lint check-types check-imports check-templates check-translations

.PHONY: help
help:  ## This list · Esta lista
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# -- for everybody -------------------------------------------------------------------------------

.PHONY: demo
demo: runtime catalogues-compiled  ## Serve the sample conference on this machine (PORT=8001) · Servir la conferencia de muestra
	@exec $(PYTHON_IN) -m flask --app conference demo --port $(PORT)

.PHONY: demo-reset
demo-reset: runtime catalogues-compiled  ## Serve it from the beginning again · Volver a empezarla
	@exec $(PYTHON_IN) -m flask --app conference demo --reset --port $(PORT)

.PHONY: serve
serve: runtime catalogues-compiled  ## Serve this machine's own conferences, and send their mails (PORT=8001) · Servir
	@exec $(PYTHON_IN) -m flask --app conference serve --port $(PORT)

.PHONY: worker
worker: runtime catalogues-compiled  ## Another worker for what is queued, beside "serve" · Otro trabajador para la cola
	@exec $(PYTHON_IN) -m flask --app conference worker

# loadgroup hands tests out one by one, so that none waits behind the slow ones of its file.
.PHONY: test
test: development catalogues-compiled browser  ## Run every test (ARGS="tests/domain -k quorum") · Correr todas las pruebas
	@exec $(PYTHON_IN) -m pytest --numprocesses auto --dist loadgroup $(ARGS)

# The core is small enough to have no branch that a test does not take; those whose matter is drawn, or real
# data, run here but are not asked (tests/conftest.py).
.PHONY: coverage
coverage: development  ## The tests of agreements/, and that they take every branch of it · Cobertura del núcleo
	@exec $(PYTHON_IN) -m pytest --numprocesses logical tests/agreements \
		--cov=agreements --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100 $(ARGS)

# -- for those who change it ---------------------------------------------------------------------

.PHONY: check
check: development  ## Format, lint, types, import contracts, templates, translations · Revisar el código
	@$(MAKE) --keep-going $(CHECKS)
	@echo "All checks passed · Todo en orden"

.PHONY: $(CHECKS)
check-format: development
	@$(PYTHON_IN) -m ruff format --check .
check-lint: development
	@$(PYTHON_IN) -m ruff check .
check-types: development
	@$(PYTHON_IN) -m mypy
	@$(PYTHON_IN) -m mypy scripts/*.py
	@$(PYTHON_IN) -m mypy --explicit-package-bases bench
check-imports: development
	@$(PYTHON_IN) -c "from importlinter.cli import lint_imports_command as lint; lint()" --no-logo
check-templates: development
	@$(PYTHON_IN) -m djlint --check conference/templates
	@$(PYTHON_IN) -m djlint --lint conference/templates
check-translations: development
	@$(PYTHON_IN) scripts/check_translations.py

.PHONY: format
format: development  ## Put code and templates into their form · Dar formato
	@$(PYTHON_IN) -m ruff check --fix --exit-zero --quiet .
	@$(PYTHON_IN) -m ruff format .
	@$(PYTHON_IN) -m djlint --quiet --reformat conference/templates || true

.PHONY: catalogues
catalogues: development  ## Bring es.po and en.po up to date with the code · Actualizar los catálogos
	@$(PYTHON_IN) scripts/catalogues.py

.PHONY: bench
bench: development catalogues-compiled  ## Ratios to a bare program, docs/performance.md (ARGS="--quick") · Medir la velocidad
	@exec $(PYTHON_IN) -m bench.run $(ARGS)

.PHONY: bench-mails
bench-mails: development catalogues-compiled  ## Ten thousand mails through the outbox (2 min) · Diez mil correos
	@ASAMBLEA_MAILS=10000 exec $(PYTHON_IN) -m pytest -q -s tests/web/test_mail_processes.py -k many_mails

# What decides and what is counted must not survive a change of a single operator: every mutant is killed.
.PHONY: mutate
mutate: development  ## Change the core's code bit by bit: a test must notice (10 min) · Probar las pruebas
	@$(PYTHON_IN) -m mutmut run $(ARGS)
	@$(PYTHON_IN) scripts/mutants.py

.PHONY: lock
lock: .tools/bin/uv  ## Compile pyproject.toml into the two lock files · Fijar versiones
	@scripts/lock

.PHONY: clean
clean:  ## Remove what these commands made, except the data in instance/ · Limpiar
	@rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov mutants .coverage
	@rm -f $(MO)

# -- what the commands stand on ------------------------------------------------------------------

.PHONY: runtime development
runtime:
	@scripts/environment requirements.lock
development:
	@scripts/environment requirements-dev.lock

.PHONY: browser
browser: development
	@$(PYTHON_IN) scripts/browser.py

.PHONY: catalogues-compiled
catalogues-compiled: $(MO)

%.mo: %.po | runtime
	@$(PYTHON_IN) -W ignore -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

.tools/bin/uv: | runtime
	@$(PYTHON_IN) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv
