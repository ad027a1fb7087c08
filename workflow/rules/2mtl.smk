"""2MTL, beside AMTL: how fast its solvers reach the optimum. Its fits are made by the rule `fit`."""


rule solvers:
    input:
        split=lambda wildcards: checked(PLAN.split_file, wildcards.dataset, int(wildcards.split)),
    output:
        "results/solvers/{dataset}/split{split}.json",
    log:
        "results/logs/solvers/{dataset}/split{split}.log",
    group:
        "fits_{dataset}_{split}"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=scaled(1000, per_mb=20),
        runtime=scaled(10, per_mb=2),
    params:
        job=lambda wildcards: PLAN.solvers(wildcards.dataset, int(wildcards.split)).to_json(),
    message:
        "Comparing the solvers of 2MTL on split {wildcards.split} of {wildcards.dataset}"
    shell:
        "python -P -m workbench.run_script solvers --job {params.job:q} --split {input.split:q}"
        " --output {output:q} 2>&1 | tee {log:q}"
