# `make help` lists the targets and the variables.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: data-check run dry-run paper replication many-classes survey statements 2mtl networks publish benchmark docs test test-fast lint clean distclean help variables usable

VARIABLES := CONFIG CORES DATA DATA_TABLE TASK TARGET PROFILE DRY FORCE PYTHON BIN
CONFIG ?=
CORES ?= all
DATA ?=
PROFILE ?=
DRY ?=
FORCE ?=
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Values reach the recipes through the environment, as they were given: none is pasted into a command.
override DATA := $(value DATA)
# From the command line only: other programs use such names in the environment.
GIVEN = $(if $(filter command,$(origin $(1))),$(value $(1)))
override DATA_TABLE := $(call GIVEN,DATA_TABLE)
override TASK := $(call GIVEN,TASK)
override TARGET := $(call GIVEN,TARGET)
override PROFILE := $(value PROFILE)
override CONFIG := $(value CONFIG)
override CORES := $(value CORES)
export CONFIG CORES DATA DATA_TABLE TASK TARGET PROFILE FORCE
export PYTHONPATH := workflow

BIN := .venv/bin
# Started through Python, so that the folder may be moved with its .venv.
WORKBENCH = $(BIN)/python -B -m workbench
OPTIONS = $${CONFIG:+--config $$CONFIG} --cores="$$CORES" --data="$$DATA" --profile="$$PROFILE" $(if $(DRY),--dry-run) \
	--table="$$DATA_TABLE" --task="$$TASK" --target="$$TARGET"
# Marks of what is installed in .venv. Nothing is installed into the Python that BIN names.
INSTALLED = $(if $(filter command,$(origin BIN)),,$(addprefix .venv/,$(1)))
ENVIRONMENT = variables usable $(call INSTALLED,$(if $(PROFILE),slurm) \
	$(if $(filter %.parquet %.xlsx,$(lastword $(DATA_TABLE))),tables))

# A table of one's own is compared by the methods of this file.
ifneq ($(DATA_TABLE),)
override CONFIG := config/own-data.yaml $(CONFIG)
endif

run: $(ENVIRONMENT)
	@$(WORKBENCH) run $(OPTIONS)

dry-run: override DRY := 1
dry-run: run

paper: override CONFIG := config/paper.yaml $(CONFIG)
paper: run

replication: override CONFIG := config/paper.yaml config/replication.yaml $(CONFIG)
replication: run

many-classes: override CONFIG := config/paper.yaml config/many-classes.yaml $(CONFIG)
many-classes: run

survey: override CONFIG := config/survey.yaml $(CONFIG)
survey: run

statements: override CONFIG := config/statements.yaml $(CONFIG)
statements: run

2mtl: override CONFIG := config/2mtl.yaml $(CONFIG)
2mtl: run

networks: override CONFIG := config/networks.yaml $(CONFIG)
networks: run

data-check: $(ENVIRONMENT)
	@$(WORKBENCH) data-check $(OPTIONS)

publish: $(ENVIRONMENT)
	@$(WORKBENCH) publish $(OPTIONS)

benchmark: variables $(call INSTALLED,benchmark) usable
	@$(WORKBENCH) benchmark $(OPTIONS)

docs: variables $(call INSTALLED,docs) usable
	@$(BIN)/python -B -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Documentation: $(CURDIR)/docs/_build/html/index.html"

help:
	@echo "make                      set up .venv and run the default configuration, to results/report.html"
	@echo "make run CONFIG=FILE      the same with another configuration"
	@echo "make DATA_TABLE=FILE TASK=COLUMN TARGET=COLUMN   compare the methods on a table of your own"
	@echo "make data-check DATA_TABLE=FILE ...              what is understood of the table; runs nothing"
	@echo "make paper                with all of the paper's datasets that are available"
	@echo "make replication          make paper with 30 splits"
	@echo "make many-classes         make paper with the stand-ins for datasets of many classes"
	@echo "make survey               all linear methods on generated and real data"
	@echo "make statements           verdicts on statements of the survey, on generated data"
	@echo "make 2mtl                 tasks that share rows: 2MTL, for single labels and for sequences"
	@echo "make networks             gradient balancing on small networks, against tuned static weights"
	@echo "make dry-run CONFIG=FILE  only show what would run, and why; or add DRY=1 to a target above"
	@echo "make publish CONFIG=FILE  run, and keep the results: results/published/NAME, docs/results/NAME.md"
	@echo "make benchmark            this project's solvers and the alternatives on the same problems"
	@echo "make docs                 the documentation site, docs/_build/html/index.html"
	@echo "make test                 all tests; make test-fast: the quick ones; make lint: style checks"
	@echo "make clean                remove all results but results/published; asks, unless FORCE=1"
	@echo "make distclean            make clean, and remove .venv"
	@echo
	@echo "Variables"
	@echo "CONFIG=\"FILE ...\"         configuration files, read after config/config.yaml; the last one wins"
	@echo "CORES=n                   number of cores; by default all"
	@echo "DATA=FOLDER               folder with raw files"
	@echo "DATA_TABLE=FILE           a table of your own: CSV, TSV, Parquet, Excel, ARFF or npz"
	@echo "TASK=, TARGET=COLUMN      its columns of tasks and of the target; without TASK each class is a task"
	@echo "DRY=1                     only show what would run, and why"
	@echo "FORCE=1                   make clean does not ask"
	@echo "PROFILE=FOLDER            workflow/profiles/slurm runs the fits on a cluster"
	@echo "PYTHON=PROGRAM            Python 3.11 or newer, from which .venv is made"
	@echo "BIN=FOLDER                folder of a Python with all packages, in place of .venv/bin"

test: usable
	@# File by file: a file shares its fixtures, such as a complete run. The third worker fills the time in which
	@# another waits, as those with a cluster do.
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 40

test-fast: usable
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: usable
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m snakefmt --check Snakefile workflow/Snakefile workflow/rules
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python -m snakemake --lint

# Checked before anything is installed. A misspelled variable would silently run the default.
UNKNOWN = $(filter-out $(VARIABLES) -*-command-variables-*-,$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name))))
# These share a recipe, which make carries out once.
RUNS = $(filter data-check run dry-run paper replication many-classes survey statements 2mtl networks publish,$(MAKECMDGOALS))
variables:
	@$(if $(word 2,$(RUNS)),echo "error: $(RUNS): give one of these targets at a time" >&2; exit 1)
	@$(if $(UNKNOWN),name="$(firstword $(UNKNOWN))"; hint="settings of a run belong in a file: CONFIG=FILE"; \
		[[ " $(VARIABLES) " != *" $${name^^} "* ]] || hint="did you mean $${name^^}?"; \
		echo "error: unknown variable $$name; $$hint; make help lists the variables" >&2; exit 1)
	@$(foreach name,DRY FORCE,[[ "$($(name))" =~ ^1?$$ ]] || \
		{ echo "error: $(name)=$($(name)): give $(name)=1, or leave it out" >&2; exit 1; };)
	@[[ "$$CORES" == all || "$$CORES" =~ ^[1-9][0-9]*$$ ]] || \
		{ echo "error: CORES=$$CORES: not a number of cores; give 1 or more, or all" >&2; exit 1; }
	@[[ -z "$$PROFILE" || -f "$$PROFILE" || -f "$$PROFILE/config.yaml" ]] || \
		{ echo "error: PROFILE=$$PROFILE: no profile is there; give a folder such as workflow/profiles/slurm" >&2; exit 1; }

# Snakemake and matplotlib need a cache folder. If the user's is not writable, the cache is in the project.
ifneq ($(shell cache=$${XDG_CACHE_HOME:-~/.cache}; mkdir -p "$$cache" 2>/dev/null && test -w "$$cache" && echo usable),usable)
export XDG_CACHE_HOME := $(CURDIR)/.venv/cache
export MPLCONFIGDIR := $(CURDIR)/.venv/cache/matplotlib
endif

# Install a lock into .venv. Personal settings of pip for another place do not apply.
INSTALL = env -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT PIP_USER=0 $(BIN)/python envs/install.py $(1) && \
	$(BIN)/python envs/relocatable.py
BUSY = import sys; from workbench import run_start; sys.exit(run_start.another_runs() and "error: " + run_start.BUSY)
REFUSE_DURING_RUN = if $(BIN)/python -c '' 2>/dev/null; then $(BIN)/python -B -c '$(BUSY)'; fi

define ASK_CLEAN
if [[ -z "$$FORCE" && -d results && -n "$$(find results/ -mindepth 1 -maxdepth 1 ! -name published | head -n 1)" ]]; then \
	if [[ ! -t 0 ]]; then \
		echo "error: make clean removes all results but results/published; to do so, give FORCE=1" >&2; exit 1; \
	fi; \
	read -r -p "Remove all results but results/published ($$(du -shL results | cut -f 1))? [y/N] " answer; \
	[[ "$$answer" == [yY]* ]] || { echo "Nothing was removed."; exit 1; }; \
fi
endef

# Python of .venv may have been removed or replaced since.
usable: $(call INSTALLED,ready)
	@$(BIN)/python -c '' 2>/dev/null || \
		{ echo "error: $(BIN)/python does not start; $(if $(call INSTALLED,ready),remove .venv, and run make again,give another folder)" >&2; exit 1; }
	@$(if $(filter command,$(origin PYTHON)),[[ "$$($(PYTHON) -V 2>&1)" == "$$($(BIN)/python -V)" ]] || \
		{ echo "error: PYTHON=$(PYTHON): .venv has $$($(BIN)/python -V); remove .venv to make it from another" >&2; exit 1; })

.venv/ready: envs/requirements.lock
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "error: Python 3.11 or newer was not found; give its path: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@# venv --clear deletes everything in a folder that a link points to.
	@[[ ! -L .venv && ( ! -e .venv || -d .venv ) ]] || \
		{ echo "error: .venv is a link or a file; move it away, and make creates a folder there" >&2; exit 1; }
	@# Do not replace the .venv of a run at work.
	@$(REFUSE_DURING_RUN)
	@echo "Setting up .venv with $$($(PYTHON) --version): one to three minutes"
	@$(PYTHON) -m venv --clear .venv
	@$(call INSTALL,envs/requirements.lock)
	@touch .venv/ready

# The packages of an extra; envs/README.md says what each is for.
$(addprefix .venv/,benchmark browser convex crf docs slurm tables torch): .venv/%: envs/requirements-%.lock .venv/ready
	@echo "Adding the packages of the extra $* to .venv"
	@$(call INSTALL,envs/requirements-$*.lock)
	@touch $@

# Fits may have taken days, so removing them needs a yes.
clean: variables
	@$(REFUSE_DURING_RUN)
	@$(ASK_CLEAN)
	@rm -rf .snakemake .pytest_cache .ruff_cache .hypothesis docs/_build docs/generated
	@if [[ -d results ]]; then find results/ -mindepth 1 -maxdepth 1 ! -name published -exec rm -rf {} +; fi

distclean: clean
	@rm -rf .venv

.DEFAULT:
	@echo "error: there is no target or file $@; make help lists the targets" >&2; exit 1
