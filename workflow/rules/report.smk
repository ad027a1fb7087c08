"""What the report shows beside tables and figures: the configuration of the run, with every default filled in."""


rule settings:
    input:
        # Where the defaults that are filled in come from.
        schema=os.path.relpath(ROOT / "schemas" / "config.schema.yaml"),
    output:
        report(
            "results/settings.json",
            category="Fits",
            labels={"table": "Settings"},
            caption="../report/settings.rst",
        ),
    log:
        "results/logs/settings.log",
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=100,
        runtime=5,
    params:
        job=settings_job(),
    message:
        "Writing down the configuration of this run"
    shell:
        # The file is there whole or not at all, like every other.
        "(printf '%s\\n' {params.job:q} > {output}.new && mv {output}.new {output}) 2>&1 | tee {log}"
