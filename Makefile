# The commands of this project; `make` alone lists them. Needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV   := .venv/bin/python
ARGS   ?=
export PORT VAR_DIR

.DEFAULT_GOAL := help
.PHONY: help demo web worker sandbox keycloak test thorough check format bench lock strings setup setup-dev clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: setup ## Run the whole platform with pretend neighbours (PORT=8000, VAR_DIR=var)
	@exec $(VENV) scripts/demo.py

web: setup ## Run the web process alone, with the settings of the environment
	@exec $(VENV) -m app.cli web --host $${HOST:-127.0.0.1} --port $${PORT:-8000}

worker: setup ## Run a worker alone, with the settings of the environment
	@exec $(VENV) -m app.cli worker

sandbox: setup ## Run the pretend neighbours alone and print how a platform finds them
	@exec $(VENV) -m sandbox

keycloak: setup ## Run a real Keycloak for people to sign in at (needs Java and Maven)
	@exec $(VENV) -m sandbox.keycloak

test: setup-dev ## Run every test, browser stories included (ARGS="-k basket" for some)
	@PYTHONDONTWRITEBYTECODE= $(VENV) -m pytest -n auto --maxprocesses=4 $(ARGS)

thorough: ## Run every test with all that the longest properties can draw (three times the histories of orders)
	@VCP_THOROUGH=1 $(MAKE) --no-print-directory test

check: setup-dev ## Hold code, templates and translations to the rules
	@$(VENV) scripts/check.py

format: setup-dev ## Format code and templates
	$(VENV) -m ruff check --fix
	$(VENV) -m ruff format

bench: setup-dev ## Measure orders and pages against their own floor
	@exec $(VENV) scripts/bench.py $(ARGS)

lock: setup-dev ## Lock the newest allowed versions of every package, with hashes
	$(VENV) scripts/lock.py

strings: setup-dev ## Collect the texts to translate into translations/
	$(VENV) scripts/strings.py

setup: ## Install what running needs (the commands above do it by themselves)
	@$(PYTHON) scripts/setup.py

setup-dev: ## Install what checks and tests need
	@$(PYTHON) scripts/setup.py --dev

clean: ## Remove what was installed and built; data in var/ stays
	rm -rf .venv node_modules static/build .*_cache
