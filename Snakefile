"""Asymmetric multi-task learning, from raw data to report: the table of contents."""

from snakemake.utils import min_version

min_version("9.27")


configfile: f"{workflow.basedir}/config/config.yaml"
configfile: f"{workflow.basedir}/config/benchmark.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/publish.smk"
include: "workflow/rules/benchmark.smk"


rule all:
    default_target: True
    input:
        rules.tables.input,
        rules.figures.input,
        rules.settings.output,
        # All results, so that a deleted one is made again; splits are made when something reads them.
        rules.scores.output,
        fit_files(RUN["datasets"]),
        fit_files(RUN["datasets"], suffix="json"),


if workflow.is_main_process:
    look_at_results()


onstart:
    start_run()


onerror:
    show_errors()
