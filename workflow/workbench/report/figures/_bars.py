"""Bars of what each task gains over a baseline, methods side by side: Figures 1 (d) and 2."""

from workbench.papers.lee2016.figures import BASELINE, COMPARED, fitted
from workbench.report.figures import _reduction as reduction
from workbench.report.figures import _style as style
from workbench.scores import Scores


def compare(run, inputs, dataset, meta, task="Task"):
    """Return the figure of the methods in `COMPARED` that the run fits on `dataset`.

    inputs : ``scores``. meta : ``difficulty`` and ``group`` of the tasks where they are known.
    task : name of a task on the axis.
    """
    scores = Scores(inputs["scores"])
    methods = fitted(run, dataset, *COMPARED)
    figure = style.new_figure(7.0, 3.8)
    axes = figure.subplots()
    width = 0.8 / len(methods)
    for i, method in enumerate(methods):
        tasks, reductions = reduction.by_split(scores, dataset, method, BASELINE)
        found = reduction.intervals(reductions, run.interval)
        axes.bar(
            [t + (i - (len(methods) - 1) / 2) * width for t in range(len(tasks))],
            [each.mean for each in found],
            width,
            yerr=[each.half or 0.0 for each in found],
            color=style.COLORS[i % len(style.COLORS)] if len(methods) > 1 else "0.7",
            hatch=style.HATCHES[i % len(style.HATCHES)],
            edgecolor="black",
            linewidth=0.6,
            error_kw={"linewidth": 1, "capsize": 3 if len(tasks) <= 25 else 0},
            label=run.method(method).title,
        )
    axes.axhline(0, color="black", linewidth=0.8)
    for border in style.group_borders(meta.get("group", ())):
        axes.axvline(border, color="0.5", linewidth=1, linestyle="--")
    style.task_ticks(axes.xaxis, tasks, meta.get("difficulty"))
    axes.set_xlim(-0.6, len(tasks) - 0.4)
    axes.set_xlabel(task + (" (E easy, H hard)" if "difficulty" in meta else ""))
    axes.set_ylabel(reduction.label(scores, dataset, run.method(BASELINE).title))
    names = ", ".join(run.method(method).title for method in methods)
    style.title(
        axes,
        f"{names}: gain per {task.lower()} (above 0 is better)\n"
        f"{run.dataset(dataset).title}, {style.plus_minus(found[0])}",
        meta.get("group", ()),
    )
    if len(methods) > 1:
        figure.legend(loc="outside lower center", ncols=len(methods), frameon=False)
    return figure
