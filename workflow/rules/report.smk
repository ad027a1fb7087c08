"""What the report shows: tables, figures and the configuration of the run."""


rule table:
    input:
        unpack(lambda wildcards: checked(PLAN.output_inputs, "tables", wildcards.table)),
    output:
        html=report(
            "results/tables/{table}.html",
            category=lambda wildcards: PLAN.tables[wildcards.table].section,
            labels=lambda wildcards: {"table": PLAN.tables[wildcards.table].label},
            caption="../report/caption.rst",
        ),
        csv="results/tables/{table}.csv",
        md="results/tables/{table}.md",
        tex="results/tables/{table}.tex",
        record="results/tables/{table}.json",
    log:
        "results/logs/tables/{table}.log",
    localrule: True
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        job=lambda wildcards: PLAN.output("tables", wildcards.table).to_json(),
        inputs=lambda wildcards: output_flags("tables", wildcards.table),
        caption=lambda wildcards: checked(PLAN.caption, "tables", wildcards.table),
    message:
        "Making the table {wildcards.table}"
    shell:
        "python -P -m workbench.run_script table --job {params.job:q} {params.inputs}"
        " --outputs {output.html} {output.csv} {output.md} {output.tex}"
        " --record {output.record} 2>&1 | tee {log}"


rule figure:
    input:
        unpack(lambda wildcards: checked(PLAN.output_inputs, "figures", wildcards.figure)),
    output:
        svg=report(
            "results/figures/{figure}.svg",
            category=lambda wildcards: PLAN.figures[wildcards.figure].section,
            labels=lambda wildcards: {"figure": PLAN.figures[wildcards.figure].label},
            caption="../report/caption.rst",
        ),
        pdf="results/figures/{figure}.pdf",
        record="results/figures/{figure}.json",
    log:
        "results/logs/figures/{figure}.log",
    localrule: True
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        job=lambda wildcards: PLAN.output("figures", wildcards.figure).to_json(),
        inputs=lambda wildcards: output_flags("figures", wildcards.figure),
        caption=lambda wildcards: checked(PLAN.caption, "figures", wildcards.figure),
    message:
        "Drawing {wildcards.figure}"
    shell:
        "python -P -m workbench.run_script figure --job {params.job:q} {params.inputs}"
        " --outputs {output.svg} {output.pdf}"
        " --record {output.record} 2>&1 | tee {log}"


rule report:
    input:
        unpack(lambda wildcards: checked(PLAN.report_inputs)),
    output:
        html=REPORT,
        record=REPORT_RECORD,
    log:
        "results/logs/report.log",
    localrule: True
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        job=lambda wildcards: PLAN.report.to_json(),
    message:
        "Making the report"
    shell:
        "python -P -m workbench.run_script report --job {params.job:q} --results results"
        " --output {output.html} --record {output.record} 2>&1 | tee {log}"


rule tables:
    input:
        expand(
            "results/tables/{table}.{suffix}", table=PLAN.tables, suffix=["html", "csv", "md", "tex", "json"]
        ),


rule figures:
    input:
        expand("results/figures/{figure}.{suffix}", figure=PLAN.figures, suffix=["svg", "pdf", "json"]),


rule settings:
    input:
        # No file, but Snakemake's own settings are checked here too.
        lambda wildcards: checked(list),
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
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=100,
        runtime=5,
    params:
        job=lambda wildcards: PLAN.settings.to_json(),
    message:
        "Writing down the configuration of this run"
    shell:
        "python -P -m workbench.run_script settings --job {params.job:q} --output {output} 2>&1 | tee {log}"
