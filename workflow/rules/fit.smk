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
    # On a cluster the fits on one split are one job: the shortest are over sooner than a job starts. A local run
    # takes no notice of groups.
    group:
        "fits_{dataset}_{split}"
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        # Measured: 70 MB and 9 to 12 times the data; on a cluster 300 MB for the Snakemakes of the job on top.
        mem_mb=scaled(500, per_mb=20),
        # Measured: up to 4 minutes on 1 MB (GO-MTL on MNIST) and on 3 MB (AMTL on School); up to 14 s for each of 60
        # points on the 18 MB of AWA's shape (GO-MTL).
        runtime=scaled(10, per_mb=2),
    params:
        job=fit_job,
        origin=lambda wildcards: origin(*fit_closure(wildcards.method)),
    message:
        "Fitting {wildcards.method} on split {wildcards.split} of {wildcards.dataset}"
    shell:
        "python {input.script:q} --job {params.job:q} --split {input.split:q}"
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
    localrule: True
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
        "python {input.script:q} --fits results/fits --job {params.job:q} --scores {output.scores}"
        " --timings {output.timings} --warnings {output.warnings} --methods {output.methods}"
        " --versions {output.versions} 2>&1 | tee {log}"
