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
            color=style.color(run.place(method)),
            hatch=style.HATCHES[i],
            edgecolor="black",
            linewidth=0.6,
            error_kw={"linewidth": 1, "capsize": 3 if len(tasks) <= 25 else 0},
            label=run.title(method),
        )
    axes.axhline(0, color="black", linewidth=0.8)
    style.task_axis(axes.xaxis, tasks, meta, task, color="0.5", linewidth=1, linestyle="--")
    axes.set_xlim(-0.6, len(tasks) - 0.4)
    axes.set_ylabel(reduction.label(scores, dataset, run.title(BASELINE)))
    names = ", ".join(map(run.title, methods))
    shown = f"{run.title(dataset)}, {style.plus_minus(found[0], run.interval)}"
    style.title(axes, f"{names}: gain per {task.lower()} (above 0 is better)\n{shown}", meta)
    if len(methods) > 1:
        style.legend(figure, len(methods))
    return figure
