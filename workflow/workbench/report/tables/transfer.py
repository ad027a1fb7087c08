"""What tasks gain or lose when they are learned together: the measures of `amtl.transfer`."""

from amtl.statistics import footnotes
from amtl.transfer import EPSILON, measure
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table, with_half_width
from workbench.report.tables._rows import BASELINE, has_baseline, same_as, short, shown, twin
from workbench.scores import Scores

UNITS = {"rmse": "RMSE", "class_error": "points", "binary_error": "points", "auc_loss": "points"}
INTERVALS = ("delta", "worse", "mass", "worst")


def build(run, inputs):
    """Return the table. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    blocks, records, left_out = [], [], []
    for dataset in run.datasets:
        metric = scores.task_metric(dataset.name)
        baseline = scores.by_task(dataset.name, BASELINE, metric)
        rows = []
        for method in shown(run):
            found = measure(scores.by_task(dataset.name, method.name, metric), baseline, run.interval)
            if method.name == BASELINE or found is None:
                continue
            if found.left_out and dataset.title not in left_out:
                left_out.append(dataset.title)
            other = twin(run, scores, dataset.name, method.name)
            row = _row(method.title, found, UNITS[metric])
            rows.append([method.title, same_as(other), *[NOTHING] * (len(row) - 2)] if other else row)
            records.append(_record(dataset.name, method.name, metric, found))
        if rows:
            blocks.append((f"{dataset.title}: {len(baseline)} tasks, n = {records[-1]['n']}", rows))
    return Table(
        title="Transfer: what tasks gain or lose against learning each alone (STL)",
        columns=["Method", "Δm, %", "Tasks worse", "Worse on average", "Total loss", "Worst task, %"],
        align="lrrrrr",
        blocks=blocks,
        notes=[
            "Against STL on the same splits. A task's gain is STL's error minus the method's, in % of "
            "STL's mean error on the task over the splits; n: the number of splits.",
            f"Δm: mean gain of the tasks. Tasks worse: number of tasks that lose more than {EPSILON:g} % in "
            "a split. Worse on average: number of tasks that lose more than that on the mean over splits. "
            "Total loss: sum over tasks of the error above STL's, in units of the error. Chance alone makes "
            "some tasks worse in some split. Worst task: the task with the smallest mean gain over splits.",
            *footnotes(run.interval, [record["n"] for record in records]),
            *(f"{each}: tasks on which STL makes no error in any split are left out." for each in left_out),
        ],
        records=records,
    )


def _row(title, found, unit):
    return [
        title,
        with_half_width(found.delta, sign=True),
        with_half_width(found.worse, 1),
        str(found.worse_on_average),
        f"{with_half_width(found.mass)} {unit}",
        f"{with_half_width(found.worst, sign=True)} ({short(found.worst_task)})",
    ]


def _record(dataset, method, metric, found):
    record = {"dataset": dataset, "method": method, "metric": metric, "n": found.delta.n}
    record |= {"tasks": found.tasks, "left_out": found.left_out}
    for name in INTERVALS:
        each = getattr(found, name)
        record |= {name: each.mean, f"{name}_half_width": each.half}
    return record | {"worse_on_average": found.worse_on_average, "worst_task": found.worst_task}


SPEC = OutputSpec("Transfer", "Tables", 40, build, reads=("scores",), applies=has_baseline)
