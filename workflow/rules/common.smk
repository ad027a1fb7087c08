"""The plan of the run and what the rule files share. All decisions are made in workbench/plan.py."""

import functools
import inspect
import math
import os
import shlex
import sys
from pathlib import Path

# From this file's own place: as a module of another workflow, workflow.basedir is that of the other.
WORKFLOW = Path(inspect.currentframe().f_code.co_filename).resolve().parents[1]
# Snakemake would expand braces in the name of the project's folder.
ENVIRONMENT = str(WORKFLOW.parent / "envs" / "amtl.yaml").replace("{", "{{").replace("}", "}}")
# A dry run writes no file. The plan is made by the sources, never by cached byte code (source_loader).
sys.dont_write_bytecode = True
sys.path.insert(0, str(WORKFLOW))

from workbench import source_loader

source_loader.use_for([WORKFLOW])

from amtl.errors import InputError
from workbench import config as configuration
from workbench import errors, run_start
from workbench.plan import PAGES, PUBLISHED, REPORT, REPORT_RECORD, SCORES_RECORD, TIDY, make_plan


def scaled(base, per_mb=0):
    """Return a resource: `base` and `per_mb` for each MB of input, and the same again at each further attempt."""
    if not per_mb:
        # The size is unknown before the input exists, so it is used only if the resource depends on it.
        return lambda wildcards, attempt: attempt * base
    return lambda wildcards, input, attempt: attempt * (base + math.ceil(per_mb * input.size_mb))


@functools.cache
def check_settings():
    """Check Snakemake's settings, which are unknown before it asks for the inputs of jobs."""
    run_start.check_triggers(workflow.rerun_triggers)
    if workflow.is_main_process:
        run_start.require_records(workflow.dag_settings, PLAN)


def checked(find, *arguments):
    """Return what the plan's function `find` returns for a job, after `check_settings`; end with an error line."""
    try:
        check_settings()
        return find(*arguments)
    except InputError as error:
        errors.end(error)


def fit_of(wildcards):
    """Return (dataset, method, split) of a job."""
    return wildcards.dataset, wildcards.method, int(wildcards.split)


def output_flags(kind, name):
    """Return the arguments with the files that the script of a table or figure reads."""
    inputs = PLAN.output_inputs(kind, name)
    # The job names the fits, and the tables name the record.
    inputs |= {"record": [], "fits": ["results/fits"] if "fits" in inputs else []}
    return " ".join(f"--{role} {shlex.join(files)}" for role, files in inputs.items() if files)


try:
    given = configuration.read([WORKFLOW.parent / "config" / "config.yaml"], overrides=config)
    PLAN = make_plan(given, WORKFLOW.parent, search=workflow.is_main_process)
    NAMES = run_start.wildcards(PLAN)
    if workflow.is_main_process:
        run_start.check(workflow, PLAN)
except InputError as error:
    errors.end(error)

os.environ.update(run_start.environment(PLAN, WORKFLOW))


wildcard_constraints:
    **NAMES,
    split=r"[1-9]\d*",
    part=r"\d+",
