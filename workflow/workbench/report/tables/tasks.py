"""Which tasks gain and which lose with the best method, and from which tasks each one learns."""

from amtl.statistics import ONE_SPLIT, UNCLEAR, paired
from workbench.papers.lee2016.figures import LEARNER
from workbench.papers.results import overlaps, splits_read
from workbench.report._spec import OutputSpec
from workbench.report.page import graphs
from workbench.report.render import NOTHING, Table
from workbench.report.tables import _own as own
from workbench.report.tables._rows import BASELINE, short
from workbench.scores import Scores

# Rows of each block; the csv file has all tasks.
MAX_ROWS = 20
# Partners of a task that are named.
MAX_PARTNERS = 3
UNITS = {"rmse": "RMSE", "class_error": "error %", "binary_error": "error %", "auc_loss": "1 − AUC, %"}


def build(run, inputs):
    """Return the table. inputs : ``scores``, ``splits`` as for the comparison, and ``fits`` with graphs."""
    scores, shared = Scores(inputs["scores"]), overlaps(run, inputs)
    blocks, records, notes = [], [], []
    for dataset in own.own_datasets(run):
        found, method = _records(run, scores, inputs, dataset, shared[dataset.name])
        if not found:
            continue
        records += found
        unit = UNITS[scores.task_metric(dataset.name)]
        digits = own.digits_for(sum(each["stl"] for each in found) / len(found))
        losing = [each for each in found if each["gain"] < 0]
        gaining = [each for each in reversed(found) if each["gain"] >= 0]
        for what, rows in (("lose", losing), ("do not lose", gaining)):
            if not rows:
                continue
            more = f", the first {MAX_ROWS} shown" if len(rows) > MAX_ROWS else ""
            title = f"{dataset.title}, {run.title(method)}, {unit}: tasks that {what}: {len(rows)}{more}"
            blocks.append((title, [_row(each, digits) for each in rows[:MAX_ROWS]]))
    learners = {run.title(m) for methods in learner_fits(run).values() for m in methods}
    if learners:
        notes.append(
            f"Takes from, gives to: the strongest edges of the graph of {', '.join(sorted(learners))}, mean "
            "weight over the splits."
        )
    return Table(
        title="Tasks: who gains, who loses, who helps whom",
        columns=["Task", "STL", "Best method", "Gain", "Result", "Takes from", "Gives to"],
        align="wrrrlww",
        blocks=blocks or [(None, [])],
        notes=[
            "Best method: the one with the lowest mean error other than STL. Gain: STL's error minus the "
            "method's, mean over the splits with its 95 % interval, corrected for rows that splits share. "
            "Result: gains or loses where the interval does not contain 0; with many tasks, some do by "
            "chance.",
            *notes,
        ],
        records=records,
    )


def learner_fits(run):
    """Return {dataset: {method: split numbers}} of the fits whose graph tells who helps whom."""
    found, names = {}, {each.name for each in own.own_datasets(run)}
    for dataset, methods in graphs.shown(run).items():
        if dataset in names:
            method = LEARNER if LEARNER in methods else next(iter(methods))
            found[dataset] = {method: methods[method]}
    return found


def _records(run, scores, inputs, dataset, shared):
    """Return (one record per task, the largest loss first; the method) or ([], None)."""
    metric, primary = scores.task_metric(dataset.name), scores.primary_metric(dataset.name)
    errors = {m.name: scores.values(dataset.name, m.name, primary) for m in run.methods if m.name != BASELINE}
    method = own.winner(run, errors)
    if method is None:
        return [], None
    theirs, alone = (scores.by_task(dataset.name, name, metric) for name in (method, BASELINE))
    partners = _partners(run, inputs, dataset.name)
    found = []
    for task in alone:
        gain = paired(alone[task], theirs.get(task, {}), "t", shared)
        if gain is None:
            continue
        result = UNCLEAR
        if gain.half is None:
            result = ONE_SPLIT
        elif gain.low > 0 or gain.high < 0:
            result = "gains" if gain.mean > 0 else "loses"
        record = {"dataset": dataset.name, "method": method, "task": task, "n": gain.n}
        record |= {"stl": _mean(alone[task]), "error": _mean(theirs[task])}
        record |= {"gain": gain.mean, "low": gain.low, "high": gain.high, "result": result}
        takes, gives = partners.get(task, ("", ""))
        found.append(record | {"takes_from": takes, "gives_to": gives})
    return sorted(found, key=lambda record: record["gain"]), method


def _partners(run, inputs, dataset):
    """Return {task: (the tasks it takes from, those it gives to)} with weights, as texts."""
    from scipy.sparse import csr_array

    for method, splits in learner_fits(run).get(dataset, {}).items():
        fits = inputs["fits"]
        given = sum(csr_array(fits.arrays(dataset, method, k)["B"]) for k in splits) / len(splits)
        taken = given.T.tocsr()
        tasks = fits.record(dataset, method, splits[0])["tasks"]
        return {
            task: tuple(_strongest(tasks, weights[[t]].toarray()[0]) for weights in (taken, given))
            for t, task in enumerate(tasks)
        }
    return {}


def _strongest(tasks, weights):
    """Return the tasks with the largest positive weights, such as ``s3 (0.41), s7 (0.2)``."""
    import numpy as np

    order = [k for k in np.argsort(-weights, kind="stable")[:MAX_PARTNERS] if weights[k] > 0]
    return ", ".join(f"{short(tasks[k], 24)} ({weights[k]:.2g})" for k in order)


def _mean(values):
    return sum(values.values()) / len(values)


def _row(record, digits):
    gain = own.signed(record["gain"], digits)
    if record["low"] is not None:
        gain += f" ({own.signed(record['low'], digits)} to {own.signed(record['high'], digits)})"
    return [
        short(record["task"]),
        f"{record['stl']:,.{digits}f}",
        f"{record['error']:,.{digits}f}",
        gain,
        record["result"],
        record["takes_from"] or NOTHING,
        record["gives_to"] or NOTHING,
    ]


SPEC = OutputSpec(
    "Tasks",
    "Tables",
    6,
    build,
    reads=("scores",),
    applies=own.applies,
    fits=learner_fits,
    splits=splits_read,
)
