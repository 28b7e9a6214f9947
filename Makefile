# Every target calls one program: python -m customer_warehouse (see `--help` there). Targets that need packages install
# what is missing first, into .venv.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install install-dev run ui stop reset psql airflow test lint acceptance bench bench-identity docs calendars bench-publish bench-warehouse dbt-docs

# Any Python 3; the installer looks for one that fits. PYTHON=/path/to/python3.12 names it.
PYTHON ?= python3
NIGHT ?=
PEOPLE ?=
JSON ?=
DATA ?=
RECORDS ?=
CUSTOMERS ?=
SOURCES ?=
NIGHTS ?=
ARGS ?=

export PYTHONPATH := $(CURDIR)/plugins
INSTALLER := $(PYTHON) -I plugins/customer_warehouse/embedded/install.py
VENV := .venv/bin
CLI := $(VENV)/python -m customer_warehouse

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install:  ## Install what `make run` needs into .venv
	@$(INSTALLER) requirements.txt

install-dev:  ## Install what `make test` and `make lint` need as well
	@$(INSTALLER) requirements-dev.txt

run: install  ## Run the last complete night, or NIGHT=YYYY-MM-DD; also PEOPLE=, JSON=summary.json
	@$(CLI) run $(if $(NIGHT),--night "$(NIGHT)") $(if $(PEOPLE),--people "$(PEOPLE)") $(if $(JSON),--json "$(JSON)") $(ARGS)

ui: install  ## Start Airflow if it is not up, and print its address and login
	@$(CLI) ui

stop: install  ## Stop all that `make run` and `make ui` started
	@$(CLI) stop

reset: install  ## Stop everything and delete all local state (.local)
	@$(CLI) reset

psql: install  ## Open the embedded warehouse in psql; ARGS='-c "select …"'
	@$(CLI) psql $(ARGS)

airflow: install  ## Airflow's own command line; ARGS='dags test nightly_customer_warehouse 2026-11-22'
	@$(CLI) airflow $(ARGS)

# Files are the unit of work, because their fixtures are; in the order of collection the long ones come first.
test: install-dev  ## Run the test suite; ARGS='-m "not slow"' for the quick part
	@$(VENV)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: install-dev  ## Check style, types and SQL
	@$(VENV)/ruff check . && $(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/sqlfluff lint dbt_project

acceptance: install  ## Run real files: DATA=folder, SOURCES=folder, NIGHTS=n, JSON=
	@$(CLI) acceptance $(if $(DATA),--data "$(DATA)") $(if $(SOURCES),--sources "$(SOURCES)") $(if $(NIGHTS),--nights "$(NIGHTS)") $(if $(JSON),--json "$(JSON)") $(ARGS)

docs: install-dev  ## Make docs/standardise.md from the examples of the tests
	@PYTHONPATH="$(PYTHONPATH):tests" $(VENV)/python -m unit.standardise.cases

calendars: install-dev  ## Make the holidays, festivals and lunar months of the dbt project from their packages
	@PYTHONPATH="$(PYTHONPATH):tests" $(VENV)/python -m unit.warehouse.calendars

bench: install  ## Measure each stage alone: PEOPLE=n, also of real files: DATA=folder, SOURCES=folder, JSON=
	@$(CLI) bench $(if $(PEOPLE),--people "$(PEOPLE)") $(if $(DATA),--data "$(DATA)") $(if $(SOURCES),--sources "$(SOURCES)") $(if $(JSON),--json "$(JSON)") $(ARGS)

bench-identity: install  ## Identity beside Splink: RECORDS=100000,500000 NIGHTS=500000 PEOPLE=100000 JSON=; small without
	@$(CLI) bench identity $(if $(RECORDS),--records "$(RECORDS)") $(if $(NIGHTS),--nights "$(NIGHTS)") $(if $(PEOPLE),--people "$(PEOPLE)") $(if $(JSON),--json "$(JSON)") $(ARGS)

bench-publish: install  ## Move the pointer of the marts while readers read; JSON=, ARGS='--reads 200000'
	@$(CLI) bench publish $(if $(JSON),--json "$(JSON)") $(ARGS)

bench-warehouse: install  ## Warehouse and marts: all, a night of 1 % changes, twice the history: CUSTOMERS=1000000 JSON=
	@$(CLI) bench warehouse $(if $(CUSTOMERS),--customers "$(CUSTOMERS)") $(if $(JSON),--json "$(JSON)") $(ARGS)

dbt-docs: install  ## Write dbt's documentation of the published night to one HTML file
	@$(CLI) publish docs
