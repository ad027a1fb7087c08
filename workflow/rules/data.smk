"""Raw files, and the splits made from them."""


# Local, as the nodes of a cluster often have no network.
rule acquire:
    input:
        local=local_input,
        script=script("acquire"),
        code=code("scripts/acquire.py"),
    output:
        "results/raw/{file}",
    log:
        "results/logs/acquire/{file}.log",
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=60,
    params:
        entry=lambda wildcards: to_json(REGISTRY[wildcards.file]),
        origin=origin("scripts/acquire.py"),
    message:
        "Getting the raw file {wildcards.file}"
    shell:
        "python {input.script:q} --file {wildcards.file:q} --output {output:q}"
        ' --registry "$AMTL_REGISTRY" ${{AMTL_FOLDER:+--folder "$AMTL_FOLDER"}}'
        ' --attempts "$AMTL_ATTEMPTS" --timeout "$AMTL_TIMEOUT" 2>&1 | tee {log:q}'


rule features:
    input:
        source=feature_source,
        classes=lambda wildcards: class_list(wildcards.feature_set),
        script=script("features"),
        code=lambda wildcards: code("scripts/features.py", f"amtl/datasets/{wildcards.feature_set}.py"),
    output:
        array="results/features/{feature_set}.npy",
        header="results/features/{feature_set}.json",
    log:
        "results/logs/features/{feature_set}.log",
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(120),
    params:
        job=features_job,
        classes=lambda wildcards, input: (
            f"--classes {shlex.quote(str(input.classes))}" if input.get("classes") else ""
        ),
        origin=lambda wildcards: origin("scripts/features.py", f"amtl/datasets/{wildcards.feature_set}.py"),
    message:
        "Reading the features of {wildcards.feature_set}"
    shell:
        "python {input.script:q} --job {params.job:q} --source {input.source:q} {params.classes}"
        " --array {output.array} --header {output.header} 2>&1 | tee {log}"


rule prepare:
    input:
        raw=source_files,
        script=script("prepare"),
        code=lambda wildcards: code("scripts/prepare.py", dataset_file(wildcards.dataset)),
    output:
        "results/data/{dataset}/split{split}.npz",
    log:
        "results/logs/prepare/{dataset}/split{split}.log",
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        job=prepare_job,
        raw=lambda wildcards, input: " ".join(
            f"--raw {Path(path).name}={path}" for path in input.get("raw", [])
        ),
        origin=lambda wildcards: origin("scripts/prepare.py", dataset_file(wildcards.dataset)),
    message:
        "Preparing split {wildcards.split} of {wildcards.dataset}"
    shell:
        "python {input.script:q} --job {params.job:q} {params.raw} --output {output:q} 2>&1 | tee {log:q}"
