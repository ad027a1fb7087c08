"""The tables: each in four formats."""

TABLES = table_plans()


rule table:
    input:
        unpack(lambda wildcards: TABLES[wildcards.table].inputs),
        script=script("make_table"),
        code=lambda wildcards: code("scripts/make_table.py", f"amtl/tables/{wildcards.table}.py"),
    output:
        report(
            "results/tables/{table}.html",
            category=lambda wildcards: TABLES[wildcards.table].section,
            labels=lambda wildcards: {"table": label(wildcards.table)},
            caption="../report/caption.rst",
        ),
        "results/tables/{table}.csv",
        "results/tables/{table}.md",
        "results/tables/{table}.tex",
    log:
        "results/logs/tables/{table}.log",
    wildcard_constraints:
        table="|".join(TABLES),
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        job=lambda wildcards: TABLES[wildcards.table].job,
        inputs=lambda wildcards: TABLES[wildcards.table].flags,
        caption=lambda wildcards: caption(wildcards.table),
        origin=lambda wildcards: origin("scripts/make_table.py", f"amtl/tables/{wildcards.table}.py"),
    message:
        "Making the table {wildcards.table}"
    shell:
        "python {input.script:q} --table {wildcards.table} --job {params.job:q}"
        " {params.inputs} --outputs {output} 2>&1 | tee {log}"


rule tables:
    input:
        expand("results/tables/{table}.{suffix}", table=TABLES, suffix=["html", "csv", "md", "tex"]),
