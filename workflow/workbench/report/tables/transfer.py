"""What tasks gain or lose by being learned together: the measures of `amtl.transfer`."""

from amtl.statistics import footnotes
from amtl.transfer import EPSILON, measure
from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import Table, with_half_width
from workbench.scores import Scores

BASELINE = "stl"
UNITS = {"rmse": "RMSE", "class_error": "points", "binary_error": "points"}
INTERVALS = ("delta", "worse", "mass", "worst")


def build(job, inputs):
    """Return the table. job: ``datasets``, ``methods`` (STL among them), ``interval``; inputs: ``scores``."""
    scores = Scores(inputs["scores"])
    kind = job.get("interval", "normal")
    methods, controls = paper.split_controls(job)
    blocks, records, left_out = [], [], []
    for dataset in paper.in_order(job["datasets"], paper.DATASETS):
        metric = scores.task_metric(dataset)
        baseline = _by_task(scores, dataset, BASELINE, metric)
        rows, tasks = [], len(baseline)
        for method in methods + controls:
            found = measure(_by_task(scores, dataset, method, metric), baseline, kind)
            if method == BASELINE or found is None:
                continue
            if found.left_out:
                left_out.append(paper.dataset_title(dataset))
            rows.append(_row(paper.method_title(job, method), found, UNITS[metric]))
            records.append(_record(dataset, method, metric, found))
        if rows:
            n = records[-1]["n"]
            blocks.append((f"{paper.dataset_title(dataset)}: {tasks} tasks, n = {n}", rows))
    return Table(
        title="Transfer: what tasks gain or lose against learning each alone (STL)",
        columns=["Method", "Δm, %", "Tasks worse", "Worse on average", "Lost in all", "Worst task, %"],
        align="lrrrrr",
        blocks=blocks,
        notes=[
            "Against STL on the same splits. A task's gain is STL's error minus the method's, in % of "
            "STL's mean error on the task over the splits; n: the number of splits.",
            f"Δm: mean gain of the tasks. Tasks worse: how many lose more than {EPSILON:g} %, in a split; "
            "worse on average: how many do on the mean over splits. Lost in all: the sum of the errors "
            "above STL's, over the tasks, in units of the error. Chance alone makes some tasks worse in "
            "some split. Worst task: the one that gains least on the mean over splits, and its gain.",
            *footnotes(kind, [record["n"] for record in records]),
            *(
                f"{title}: tasks on which STL makes no error in any split are left out."
                for title in dict.fromkeys(left_out)
            ),
        ],
        records=records,
    )


def _by_task(scores, dataset, method, metric):
    tasks = scores.tasks(dataset, method, metric)
    return {task: scores.values(dataset, method, metric, task) for task in tasks}


def _row(title, found, unit):
    return [
        title,
        with_half_width(found.delta, sign=True),
        with_half_width(found.worse, 1),
        str(found.worse_on_average),
        f"{with_half_width(found.mass)} {unit}",
        f"{with_half_width(found.worst, sign=True)} ({found.worst_task})",
    ]


def _record(dataset, method, metric, found):
    record = {"dataset": dataset, "method": method, "metric": metric, "n": found.delta.n}
    record |= {"tasks": found.tasks, "left_out": found.left_out}
    for name in INTERVALS:
        each = getattr(found, name)
        record |= {name: each.mean, f"{name}_half_width": each.half}
    return record | {"worse_on_average": found.worse_on_average, "worst_task": found.worst_task}
