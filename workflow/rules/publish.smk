"""``snakemake publish``: the results that are kept with the project, and the page that shows them."""


# No declared output: the table of differences reads what an earlier run has published.
rule publish:
    input:
        tables=expand(
            "results/tables/{table}.{suffix}",
            table=[name for name in PLAN.tables if not PLAN.tables[name].reads_published],
            suffix=["csv", "md"],
        ),
        figures=expand("results/figures/{figure}.svg", figure=PLAN.figures),
        settings=rules.settings.output,
        report=REPORT,
        scores=TIDY["scores"],
    log:
        "results/logs/publish.log",
    localrule: True
    conda:
        ENVIRONMENT
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        job=lambda wildcards: PLAN.publish.to_json(),
        folder=f"{PUBLISHED}/{PLAN.run['name']}",
        page=f"{PAGES}/{PLAN.run['name']}.md",
    message:
        "Publishing the results of this run"
    shell:
        "python -P -m workbench.run_script publish --job {params.job:q}"
        " --files {input.tables} {input.figures} {input.settings} --results results"
        " --folder {params.folder} --page {params.page} 2>&1 | tee {log}"
