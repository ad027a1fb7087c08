"""``snakemake benchmark``: ours and the alternatives in turn, in one run. No other target depends on it."""

BENCHMARK_TABLES = ["results/benchmark/table.csv", "results/benchmark/table.md"]
BENCHMARK_CURVES = ["results/benchmark/scaling.csv", "results/benchmark/scaling.svg"]


rule benchmark_case:
    input:
        unpack(benchmark_inputs),
        script=script("benchmark_case"),
        code=lambda wildcards: relative(benchmark_closure(wildcards.case)),
    output:
        "results/benchmark/cases/{case}.json",
    log:
        "results/logs/benchmark/{case}.log",
    conda:
        "../../envs/amtl.yaml"
    # All cores, so that nothing runs beside what is timed; the script takes one thread for itself.
    threads: workflow.cores or 1
    resources:
        mem_mb=24000,
        runtime=240,
    params:
        job=benchmark_job,
        origin=lambda wildcards: origin(*benchmark_closure(wildcards.case)),
    message:
        "Measuring {wildcards.case}"
    shell:
        "python {input.script:q} --case {wildcards.case} --job {params.job:q} --output {output} 2>&1 | tee {log}"


rule benchmark_scaling:
    input:
        script=script("benchmark_scaling"),
        code=relative(closure("scripts/benchmark_scaling.py", "amtl/benchmark/worker.py")),
    output:
        "results/benchmark/scaling/{axis}.json",
    log:
        "results/logs/benchmark/scaling-{axis}.log",
    conda:
        "../../envs/amtl.yaml"
    threads: workflow.cores or 1
    resources:
        mem_mb=24000,
        runtime=240,
    params:
        job=lambda wildcards: to_json(
            {"plan": benchmark_plan(), "sizes": BENCHMARK["scaling"][wildcards.axis]}
        ),
        origin=origin("scripts/benchmark_scaling.py", "amtl/benchmark/worker.py"),
    message:
        "Measuring how cost grows with the number of {wildcards.axis}"
    shell:
        "python {input.script:q} --axis {wildcards.axis} --job {params.job:q} --output {output} 2>&1 | tee {log}"


rule benchmark_table:
    input:
        cases=expand("results/benchmark/cases/{case}.json", case=BENCHMARK["cases"]),
        script=script("benchmark_table"),
        code=code("scripts/benchmark_table.py"),
    output:
        BENCHMARK_TABLES,
    log:
        "results/logs/benchmark_table.log",
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        origin=origin("scripts/benchmark_table.py"),
    message:
        "Making the table of the benchmark"
    shell:
        "python {input.script:q} --cases {input.cases} --outputs {output} 2>&1 | tee {log}"


rule benchmark_curves:
    input:
        axes=expand(
            "results/benchmark/scaling/{axis}.json",
            axis=[axis for axis, sizes in BENCHMARK["scaling"].items() if sizes],
        ),
        script=script("benchmark_curves"),
        code=code("scripts/benchmark_curves.py"),
    output:
        table=BENCHMARK_CURVES[0],
        figure=BENCHMARK_CURVES[1],
    log:
        "results/logs/benchmark_curves.log",
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        origin=origin("scripts/benchmark_curves.py"),
    message:
        "Drawing the scaling curves"
    shell:
        "python {input.script:q} --axes {input.axes} --table {output.table} --figure {output.figure} 2>&1 | tee {log}"


rule benchmark:
    input:
        BENCHMARK_TABLES,
        BENCHMARK_CURVES,


# It declares no output, like `publish`.
rule publish_benchmark:
    input:
        files=BENCHMARK_TABLES + BENCHMARK_CURVES,
        script=script("publish_benchmark"),
        code=code("scripts/publish_benchmark.py"),
    log:
        "results/logs/publish_benchmark.log",
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        folder=f"{PUBLISHED}/benchmark",
        origin=origin("scripts/publish_benchmark.py"),
    message:
        "Publishing the benchmark"
    shell:
        "python {input.script:q} --files {input.files} --folder {params.folder} --page README.md 2>&1 | tee {log}"
