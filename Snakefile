"""Asymmetric multi-task learning, from raw data to report: the table of contents.

The default configuration is config/config.yaml; --configfile and --config extend and override it.
"""

from snakemake.utils import min_version

min_version("9.27")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/2mtl.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/publish.smk"
include: "workflow/rules/benchmark.smk"


rule all:
    default_target: True
    input:
        rules.tables.input,
        rules.figures.input,
        rules.settings.output,
        rules.report.output,
        # All results, so that a deleted one is made again; splits are made when something reads them.
        rules.scores.output,
        PLAN.fit_files("npz", "json"),


onstart:
    try:
        run_start.begin()
    except InputError as error:
        errors.end(error)
