"""The figures: each as svg and pdf."""

FIGURES = figure_plans()


rule figure:
    input:
        unpack(lambda wildcards: FIGURES[wildcards.figure].inputs),
        script=script("make_figure"),
        code=lambda wildcards: code("scripts/make_figure.py", f"amtl/plots/{wildcards.figure}.py"),
    output:
        report(
            "results/figures/{figure}.svg",
            category="Figures",
            labels=lambda wildcards: {"figure": label(wildcards.figure)},
            caption="../report/caption.rst",
        ),
        "results/figures/{figure}.pdf",
    log:
        "results/logs/figures/{figure}.log",
    wildcard_constraints:
        figure="|".join(FIGURES),
    localrule: True
    conda:
        "../../envs/amtl.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        job=lambda wildcards: FIGURES[wildcards.figure].job,
        inputs=lambda wildcards: FIGURES[wildcards.figure].flags,
        caption=lambda wildcards: caption(wildcards.figure),
        origin=lambda wildcards: origin("scripts/make_figure.py", f"amtl/plots/{wildcards.figure}.py"),
    message:
        "Drawing {wildcards.figure}"
    shell:
        "python {input.script:q} --figure {wildcards.figure} --job {params.job:q}"
        " {params.inputs} --outputs {output} 2>&1 | tee {log}"


rule figures:
    input:
        expand("results/figures/{figure}.{suffix}", figure=FIGURES, suffix=["svg", "pdf"]),
