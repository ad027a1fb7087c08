"""``snakemake benchmark``: our solvers and the alternatives in turn. No other target depends on it."""

BENCHMARK_TABLES = ["results/benchmark/table.csv", "results/benchmark/table.md"]
BENCHMARK_CURVES = ["results/benchmark/scaling.csv", "results/benchmark/scaling.svg"]


rule benchmark_case:
    input:
        unpack(lambda wildcards: checked(PLAN.case_inputs, wildcards.case)),
    output:
        "results/benchmark/cases/{case}.json",
    log:
        "results/logs/benchmark/{case}.log",
    localrule: True
    conda:
        ENVIRONMENT
    # All cores, so that nothing else runs meanwhile; the script takes one thread for itself.
    threads: workflow.cores or 1
    resources:
        mem_mb=24000,
        runtime=240,
    params:
        job=lambda wildcards: PLAN.benchmark_case(wildcards.case).to_json(),
    message:
        "Measuring {wildcards.case}"
    shell:
        "python -P -m workbench.run_script benchmark_case --job {params.job:q} --output {output}"
        " 2>&1 | tee {log}"


rule benchmark_scaling:
    output:
        "results/benchmark/scaling/{axis}.json",
    log:
        "results/logs/benchmark/scaling-{axis}.log",
    localrule: True
    conda:
        ENVIRONMENT
    threads: workflow.cores or 1
    resources:
        mem_mb=24000,
        runtime=240,
    params:
        job=lambda wildcards: PLAN.benchmark_scaling(wildcards.axis).to_json(),
    message:
        "Measuring how cost grows with the number of {wildcards.axis}"
    shell:
        "python -P -m workbench.run_script benchmark_scaling --job {params.job:q} --output {output}"
        " 2>&1 | tee {log}"


rule benchmark_table:
    input:
        cases=expand("results/benchmark/cases/{case}.json", case=PLAN.config["benchmark"]["cases"]),
    output:
        BENCHMARK_TABLES,
    log:
        "results/logs/benchmark_table.log",
    localrule: True
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        job=lambda wildcards: PLAN.benchmark_table.to_json(),
    message:
        "Making the table of the benchmark"
    shell:
        "python -P -m workbench.run_script benchmark_table --job {params.job:q} --cases {input.cases}"
        " --outputs {output} 2>&1 | tee {log}"


rule benchmark_curves:
    input:
        axes=expand("results/benchmark/scaling/{axis}.json", axis=PLAN.axes),
    output:
        table=BENCHMARK_CURVES[0],
        figure=BENCHMARK_CURVES[1],
    log:
        "results/logs/benchmark_curves.log",
    localrule: True
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        job=lambda wildcards: PLAN.benchmark_curves.to_json(),
    message:
        "Drawing the scaling curves"
    shell:
        "python -P -m workbench.run_script benchmark_curves --job {params.job:q} --axes {input.axes}"
        " --table {output.table} --figure {output.figure} 2>&1 | tee {log}"


rule benchmark:
    input:
        BENCHMARK_TABLES,
        BENCHMARK_CURVES,


# It declares no output, like `publish`.
rule publish_benchmark:
    input:
        files=BENCHMARK_TABLES + BENCHMARK_CURVES,
    log:
        "results/logs/publish_benchmark.log",
    localrule: True
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        folder=f"{PUBLISHED}/benchmark",
        page=f"{PAGES}/benchmark.md",
        job=lambda wildcards: PLAN.plain("publish_benchmark").to_json(),
    message:
        "Publishing the benchmark"
    shell:
        "python -P -m workbench.run_script publish_benchmark --job {params.job:q} --files {input.files}"
        " --folder {params.folder} --page {params.page} 2>&1 | tee {log}"
