"""Raw files, and the splits made from them."""


# Local, because the nodes of a cluster often have no network.
rule acquire:
    output:
        "results/raw/{file}",
    log:
        "results/logs/acquire/{file}.log",
    localrule: True
    conda:
        ENVIRONMENT
    resources:
        mem_mb=500,
        runtime=60,
    params:
        job=lambda wildcards: PLAN.acquire(wildcards.file).to_json(),
    message:
        "Getting the raw file {wildcards.file}"
    shell:
        "python -P -m workbench.run_script acquire --job {params.job:q} --output {output:q} 2>&1 | tee {log:q}"


rule features:
    input:
        # An unpacked folder is a parameter: Snakemake would expand braces in its name, and the job holds a digest of
        # its content.
        lambda wildcards: (
            [] if PLAN.feature_tree(wildcards.feature_set) else PLAN.feature_source(wildcards.feature_set)
        ),
    output:
        array="results/features/{feature_set}.npy",
        header="results/features/{feature_set}.json",
    log:
        "results/logs/features/{feature_set}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(120),
    params:
        job=lambda wildcards: PLAN.features(wildcards.feature_set).to_json(),
        source=lambda wildcards: str(PLAN.feature_source(wildcards.feature_set)),
        classes=lambda wildcards: "".join(PLAN.class_list(wildcards.feature_set)),
    message:
        "Reading the features of {wildcards.feature_set}"
    shell:
        "python -P -m workbench.run_script features --job {params.job:q} --source={params.source:q}"
        " --classes={params.classes:q}"
        " --array {output.array:q} --header {output.header:q} 2>&1 | tee {log:q}"


rule prepare:
    input:
        raw=lambda wildcards: checked(PLAN.prepare_inputs, wildcards.dataset, int(wildcards.split)),
    output:
        "results/data/{dataset}/split{split}.npz",
    log:
        "results/logs/prepare/{dataset}/split{split}.log",
    localrule: True
    conda:
        ENVIRONMENT
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        job=lambda wildcards: PLAN.prepare(wildcards.dataset, int(wildcards.split)).to_json(),
    message:
        "Preparing split {wildcards.split} of {wildcards.dataset}"
    shell:
        "python -P -m workbench.run_script prepare --job {params.job:q} --raw {input.raw:q}"
        " --output {output:q} 2>&1 | tee {log:q}"
