"""The fits: one job is one method on one split with its whole grid."""


rule fit:
    input:
        split="results/data/{dataset}/split{split}.npz",
        script=script("fit"),
        code=lambda wildcards: relative(fit_closure(wildcards.method)),
    output:
        npz="results/fits/{dataset}/{method}/split{split}.npz",
        json="results/fits/{dataset}/{method}/split{split}.json",
    log:
        "results/logs/fit/{dataset}/{method}/split{split}.log",
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        job=fit_job,
        origin=lambda wildcards: origin(*fit_closure(wildcards.method)),
    message:
        "Fitting {wildcards.method} on split {wildcards.split} of {wildcards.dataset}"
    shell:
        "python {input.script} --job {params.job:q} --split {input.split:q}"
        " --npz {output.npz:q} --json {output.json:q} 2>&1 | tee {log:q}"


rule scores:
    input:
        json=fit_files(RUN["datasets"], suffix="json"),
        script=script("collect_scores"),
        code=code("scripts/collect_scores.py"),
    output:
        scores="results/scores.csv",
        timings="results/timings.csv",
        warnings="results/warnings.csv",
        methods="results/methods.csv",
        versions="results/versions.csv",
    log:
        "results/logs/scores.log",
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        job=scores_job(),
        origin=origin("scripts/collect_scores.py"),
    message:
        "Collecting the scores of all fits"
    shell:
        "python {input.script} --fits results/fits --job {params.job:q} --scores {output.scores}"
        " --timings {output.timings} --warnings {output.warnings} --methods {output.methods}"
        " --versions {output.versions} 2>&1 | tee {log}"
