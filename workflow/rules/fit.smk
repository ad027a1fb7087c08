"""The fits: one job is one method on one split with its whole grid. Then the tidy tables of all fits.

Also what tasks gain from each other: one job is all pairs of tasks of one split.
"""


rule paths:
    input:
        split=lambda wildcards: checked(PLAN.split_file, wildcards.dataset, int(wildcards.split)),
        # What the other parts start from.
        first=lambda wildcards: checked(PLAN.first_path, *fit_of(wildcards), int(wildcards.part)),
    output:
        temp("results/paths/{dataset}/{method}/split{split}/part{part}.npz"),
    log:
        "results/logs/paths/{dataset}/{method}/split{split}/part{part}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=scaled(500, per_mb=20),
        runtime=scaled(10, per_mb=2),
    params:
        job=lambda wildcards: PLAN.paths(*fit_of(wildcards), int(wildcards.part)).to_json(),
    message:
        "Fitting part {wildcards.part} of the grid of {wildcards.method} on split {wildcards.split} of {wildcards.dataset}"
    shell:
        "python -P -m workbench.run_script paths --job {params.job:q} --split {input.split:q}"
        " --first {input.first:q} --output {output:q} 2>&1 | tee {log:q}"


rule fit:
    input:
        split=lambda wildcards: checked(PLAN.split_file, wildcards.dataset, int(wildcards.split)),
        # With large data the grid was fitted in parts, by jobs of their own.
        paths=lambda wildcards: checked(PLAN.path_files, *fit_of(wildcards)),
    output:
        npz="results/fits/{dataset}/{method}/split{split}.npz",
        json="results/fits/{dataset}/{method}/split{split}.json",
    log:
        "results/logs/fit/{dataset}/{method}/split{split}.log",
    # On a cluster the fits on one split may form one job, because starting a job takes longer than a short fit.
    # A local run ignores groups.
    group:
        "fits_{dataset}_{split}"
    conda:
        ENVIRONMENT
    resources:
        # Measured: 70 MB and 9 to 12 times the data; on a cluster another 300 MB for Snakemake in the job.
        mem_mb=scaled(500, per_mb=20),
        # Measured: up to 4 minutes on 1 MB (GO-MTL on MNIST) and on 3 MB (AMTL on School); up to 14 s for each of 60
        # points on the 18 MB of AWA's shape (GO-MTL).
        runtime=scaled(10, per_mb=2),
    params:
        job=lambda wildcards: PLAN.fit(*fit_of(wildcards)).to_json(),
    message:
        "Fitting {wildcards.method} on split {wildcards.split} of {wildcards.dataset}"
    shell:
        "python -P -m workbench.run_script fit --job {params.job:q} --split {input.split:q}"
        " --paths {input.paths:q} --npz {output.npz:q} --json {output.json:q}"
        " 2>&1 | tee {log:q}"


rule pairs:
    input:
        split=lambda wildcards: checked(PLAN.split_file, wildcards.dataset, int(wildcards.split)),
    output:
        "results/pairs/{dataset}/split{split}.npz",
    log:
        "results/logs/pairs/{dataset}/split{split}.log",
    group:
        "fits_{dataset}_{split}"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=scaled(500, per_mb=20),
        runtime=scaled(10, per_mb=2),
    params:
        job=lambda wildcards: PLAN.pairs(wildcards.dataset, int(wildcards.split)).to_json(),
    message:
        "Measuring what tasks gain from each other on split {wildcards.split} of {wildcards.dataset}"
    shell:
        "python -P -m workbench.run_script pairs --job {params.job:q} --split {input.split:q}"
        " --output {output:q} 2>&1 | tee {log:q}"


rule scores:
    input:
        lambda wildcards: checked(PLAN.fit_files, "json"),
    output:
        **TIDY,
        record=SCORES_RECORD,
    log:
        "results/logs/scores.log",
    localrule: True
    conda:
        ENVIRONMENT
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        job=lambda wildcards: PLAN.scores.to_json(),
    message:
        "Collecting the scores of all fits"
    shell:
        "python -P -m workbench.run_script scores --job {params.job:q} --fits results/fits"
        " --scores {output.scores} --timings {output.timings}"
        " --warnings {output.warnings} --methods {output.methods} --versions {output.versions}"
        " --record {output.record} 2>&1 | tee {log}"
