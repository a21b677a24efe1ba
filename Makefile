# `make help` says what there is. Everything is installed under .venv and var.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
IN_VENV := .venv/bin/python
FAST_TESTS := $(wildcard tests/unit tests/contract)
# The demo and the tests end when make does, even if make is killed.
LEASHED = exec $(IN_VENV) deploy/local/leash.py $$PPID SIGTERM $(IN_VENV)

.PHONY: help packages install chromium screenshots demo test check kills chaos mutants search bench secrets compose-test clean

help: ## what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

packages: # the locked Python packages in .venv
	@$(or $(PYTHON),$(error Wraparound needs Python 3.11 or newer: install python3)) deploy/local/bootstrap.py

install: packages ## Python packages, Kafka and MongoDB, as far as they are missing
	@$(IN_VENV) -m deploy.local.install

demo: packages ## everything on this machine; FRESH=1 CHECK=1 ROSTER= DIRECTORY= AREAS= PORT=
	@$(LEASHED) -m deploy.local.demo $(if $(FRESH),--fresh) $(if $(CHECK),--check) \
	  $(if $(PORT),--port '$(PORT)') $(if $(ROSTER),--roster '$(ROSTER)') \
	  $(if $(DIRECTORY),--directory '$(DIRECTORY)') $(if $(AREAS),--areas '$(AREAS)')

test: packages chromium ## all tests, on Kafka and MongoDB started here or given in KAFKA_SERVERS, MONGO_URL
	@$(LEASHED) -m deploy.local.with_servers -- \
	  $(IN_VENV) -m pytest -n 3 --ignore tests/e2e --ignore tests/integration/faults $(ARGS)
	@$(LEASHED) -m deploy.local.with_servers -- \
	  $(IN_VENV) -m pytest -n 3 tests/e2e tests/integration/faults $(ARGS)

check: packages ## format, lint, types, imports, schemas, fast tests
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@$(IN_VENV) -m schemas.gate
	@.venv/bin/pytest --quiet --disable-socket --allow-unix-socket $(FAST_TESTS)

kills: install ## every real service killed at every named point, and races again and again; some minutes
	@$(LEASHED) -m pytest -q -m "" tests/integration/faults/test_kills.py tests/integration/faults/test_races.py $(ARGS)

chaos: install ## faults while people work; nothing may be lost; SEED= SECONDS= REPORT= LONG=1 (4 hours)
	@$(LEASHED) -m tests.chaos $(if $(SEED),--seed $(SEED)) \
	  $(if $(SECONDS),--seconds $(SECONDS),$(if $(LONG),--seconds 14400)) \
	  $(if $(REPORT),--report $(REPORT),$(if $(LONG),--report tests/chaos/report.jsonl)) $(ARGS)

mutants: install ## each guarantee taken out of a copy, which its test must notice; some minutes
	@$(LEASHED) -m deploy.local.with_servers -- $(IN_VENV) -m tests.mutants $(ARGS)

search: packages ## rules against random histories, some minutes; what fails is printed to be tried again
	@$(IN_VENV) -m pytest -n 2 -q --hypothesis-profile=search tests/unit $(ARGS)

bench: install ## the whole flow against baselines, ten minutes; FULL=1 all parts; COMPARE=REV; wants a quiet machine
	@$(LEASHED) -m tests.bench $(if $(FULL),--full) $(if $(COMPARE),--compare '$(COMPARE)') $(ARGS)

secrets: ## the secrets that docker-compose.yml reads, as far as they are missing
	@$(or $(PYTHON),$(error Wraparound needs Python 3.11 or newer: install python3)) deploy/docker/new_secrets.py

compose-test: packages ## docker-compose.yml, tried with the images that the local Docker holds or finds
	@$(subst SIGTERM,SIGINT,$(LEASHED)) -m pytest tests/compose -p no:cacheprovider $(ARGS)

screenshots: packages chromium ## the README's pictures, from a running `make demo FRESH=1`; PORT=
	@$(IN_VENV) -m deploy.local.screenshots $(if $(PORT),'http://127.0.0.1:$(PORT)')

chromium: # the browser of the browser tests, from the system's packages
	@deploy/local/chromium

clean: ## what tests and tools left behind; the demo's data and all that is installed stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	@find deploy schemas services tests -name __pycache__ -type d -prune -exec rm -rf {} +
