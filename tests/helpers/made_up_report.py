"""The report of a made-up run: real tables and figures of made-up results."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers.made_up_results import method
from helpers.made_up_results import write as write_results
from workbench import plugins
from workbench.jobs import FitSet, ReportJob
from workbench.report import render as tables
from workbench.report._inputs import Inputs
from workbench.report.figures import _style as figures
from workbench.report.page import content, render

PAPERS = (
    *(("tables", name) for name in ("claims", "evidence", "table1", "transfer")),
    *(("figures", name) for name in ("against-paper", "gains")),
)
LEARNS = {"amtl": ["graph"], "amtl-curriculum": ["graph", "order"]}
SUFFIXES = {"tables": ("html", "csv"), "figures": ("svg",)}


def results(folder, tasks=12, splits=2, dataset="synthetic", graphs=("amtl", "amtl-curriculum"), title=None):
    """Write a made-up run of three or four methods; return (run, inputs).

    tasks : number of tasks. graphs : methods with a learned graph. title : of the dataset.
    """
    generator = np.random.default_rng(0)
    names = ("stl", "go-mtl", *graphs)
    errors = {dataset: {name: (20.0 - i, 0.3) for i, name in enumerate(names)}}
    spread = {name: [(20.0 + t - i * (t % 3), 0.2) for t in range(tasks)] for i, name in enumerate(names)}
    fits = {}
    for name in graphs:
        graphs_by_split = [
            np.where(generator.random((tasks, tasks)) < 0.3, generator.random((tasks, tasks)), 0.0)
            * (1 - np.eye(tasks))
            for _ in range(splits)
        ]
        fits[dataset, name] = {"B": graphs_by_split, "order": generator.permutation(tasks)}
    run, inputs = write_results(folder, errors, {dataset: spread}, fits, splits=splits)
    run = replace(run, methods=tuple(method(m.name, learns=LEARNS.get(m.name, [])) for m in run.methods))
    if title is not None:
        run = replace(run, datasets=tuple(replace(each, title=title) for each in run.datasets))
    _add_losses(inputs["scores"], dataset, graphs, tasks, splits)
    return run, inputs


def _add_losses(scores, dataset, methods, tasks, splits):
    with Path(scores).open("a", encoding="utf-8") as stream:
        for k in range(1, splits + 1):
            for name in methods:
                stream.writelines(
                    f"{dataset},{k},{name},{t + 1},train_loss,{0.1 + t}\n" for t in range(tasks)
                )


def report_job(run, outputs=(), **changes):
    """Return the ReportJob of a run whose report shows `outputs`, as (kind, name)."""
    shown = []
    for kind, name in outputs:
        spec = plugins.load(kind, name)
        facts = {"kind": kind, "name": name, "section": spec.section, "label": spec.label}
        shown.append({**facts, "caption": f"About *{name}*."})
    content = {"name": "made-up", "outputs": shown, "inputs": {}, "fits": FitSet(), "scores": ""}
    content |= {"about": "What it is.", "templates": "", "code": ""}
    return ReportJob(run=run, **{**content, **changes})


def page(folder, run, inputs, outputs=PAPERS, **changes):
    """Return the report as text."""
    folder = Path(folder)
    for kind, name in outputs:
        made = plugins.load(kind, name).make(run, Inputs(inputs))
        paths = [folder / kind / f"{name}.{suffix}" for suffix in SUFFIXES[kind]]
        (tables.write if kind == "tables" else figures.save)(made, paths)

    def file_of(kind, name, suffix):
        return folder / kind / f"{name}.{suffix}"

    job = report_job(run, outputs, **changes)
    return render.render(content.build(job, file_of, inputs["fits"], inputs["scores"]))
