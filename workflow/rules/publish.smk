"""``snakemake publish``: the results that are kept with the project, under results/published."""


# It declares no output: what is published is older than the run that is compared with it.
rule publish:
    input:
        tables=expand(
            "results/tables/{table}.{suffix}",
            table=[name for name in TABLES if name != "difference"],
            suffix=["csv", "md"],
        ),
        figures=expand("results/figures/{figure}.svg", figure=FIGURES),
        settings=rules.settings.output,
        scores=SCORES,
        script=script("publish"),
        code=code("scripts/publish.py"),
    log:
        "results/logs/publish.log",
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        folder=PUBLISHED,
        origin=origin("scripts/publish.py"),
    message:
        "Publishing the results of this run"
    shell:
        "python {input.script:q} --files {input.tables} {input.figures} {input.settings}"
        " --scores {input.scores} --folder {params.folder} --page README.md 2>&1 | tee {log}"
