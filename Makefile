# make          set up .venv and run the default configuration, to results/report.html
# make paper    the same with config/paper.yaml        make test    all tests
# make replication  make paper with 30 splits          make lint    style checks
# make publish CONFIG=file  keep the results of a run    make clean    remove all that these made
# make benchmark    ours and the alternatives side by side
# Variables: CONFIG=file  CORES=n  DATA=folder with raw files  PYTHON=interpreter for .venv
#            PROFILE=workflow/profiles/slurm  to run on a cluster

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: run paper replication many-classes publish benchmark test lint clean variables

CONFIG ?= config/config.yaml
CORES ?= all
DATA ?=
PROFILE ?=
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

BIN := .venv/bin
# Of a file that is not there, or is no YAML, Snakemake does not say which and where.
CHECK = $(BIN)/python -m workbench.config --check config/config.yaml config/benchmark.yaml $(CONFIG)
# Started through Python, so that the folder may be moved with its .venv. Content decides about files of up to 1 GB.
SNAKEMAKE = $(BIN)/python -m snakemake --configfile $(CONFIG) $(if $(DATA),--config 'data={"folder": "$(DATA)"}') \
	$(if $(PROFILE),--workflow-profile $(PROFILE),--cores $(CORES)) --max-checksum-file-size 1GB
# A killed run leaves its lock behind; it goes only when no run is alive in this folder.
UNLOCK = if [ -n "$$(ls -A .snakemake/locks 2>/dev/null)" ]; then $(BIN)/python -m workbench.running && $(SNAKEMAKE) --unlock; fi
START = $(SNAKEMAKE) --scheduler greedy --rerun-incomplete
ENVIRONMENT = variables .venv/ready $(if $(PROFILE),.venv/slurm)
export PYTHONPATH := workflow

run: $(ENVIRONMENT)
	@$(CHECK)
	@$(UNLOCK)
	@$(START) --quiet rules
	@# The report is made again only when a result, the configuration or a caption is newer.
	@if [ ! -e results/report.html ] || \
		[ -n "$$(find results Snakefile workflow/report workflow/rules -type f -newer results/report.html -print -quit)" ]; \
		then $(SNAKEMAKE) --report results/.report.html && mv results/.report.html results/report.html; fi
	@for table in results/tables/table[12].md; do echo; cat "$$table"; done; echo
	@grep -hE '^(Compared with the published|Nothing is published)' results/tables/difference.md
	@echo "Report: $(CURDIR)/results/report.html"

paper:
	@$(MAKE) run CONFIG=config/paper.yaml

replication:
	@$(MAKE) run CONFIG="config/paper.yaml config/replication.yaml"

many-classes:
	@$(MAKE) run CONFIG="config/paper.yaml config/many-classes.yaml"

publish: $(ENVIRONMENT)
	@$(if $(filter file,$(origin CONFIG)),echo "error: name the run to keep: make publish CONFIG=config/paper.yaml" >&2; exit 1)
	@$(CHECK)
	@$(UNLOCK)
	@$(START) publish

benchmark: variables .venv/benchmark
	@$(CHECK)
	@$(UNLOCK)
	@$(START) benchmark
	@cat results/benchmark/table.md

test: .venv/ready
	@# File by file in their order: tests/cluster, which takes longest, begins first.
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/ready
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m snakefmt --check Snakefile workflow/rules
	$(BIN)/python -m snakemake --lint

# Before anything is installed. Snakemake would wait forever for less than one core, and run without a profile that is
# not there.
variables:
	@[[ "$(CORES)" == all || "$(CORES)" =~ ^[1-9][0-9]*$$ ]] || \
		{ echo "error: CORES=$(CORES): not a number of cores; give 1 or more, or all" >&2; exit 1; }
	@[[ -z "$(PROFILE)" || -f "$(PROFILE)" || -f "$(PROFILE)/config.yaml" ]] || \
		{ echo "error: PROFILE=$(PROFILE): no profile is there; give a folder such as workflow/profiles/slurm" >&2; exit 1; }

.venv/ready: envs/requirements.lock
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "error: Python 3.11 or newer is needed and was not found; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@# A run that is alive needs the .venv that is there.
	@if $(BIN)/python -c '' 2>/dev/null; then $(BIN)/python -m workbench.running; fi
	@echo "Setting up .venv with $$($(PYTHON) --version): one to three minutes"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements.lock
	@touch .venv/ready

.venv/benchmark: envs/requirements-benchmark.lock .venv/ready
	@echo "Adding what the benchmark compares with to .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements-benchmark.lock
	@touch .venv/benchmark

.venv/slurm: envs/requirements-slurm.lock .venv/ready
	@echo "Adding Snakemake's plugin for Slurm to .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements-slurm.lock
	@touch .venv/slurm

clean:
	rm -rf .venv .snakemake .pytest_cache .ruff_cache .hypothesis
	find results -mindepth 1 -maxdepth 1 ! -name published -exec rm -rf {} +
