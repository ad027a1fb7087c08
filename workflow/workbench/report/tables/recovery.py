"""On generated data: how close learned weights, support, groups and outlier tasks are to the true ones."""

import math

import numpy as np

from amtl import recovery
from amtl.pairs import MAX_TASKS, sample_of
from amtl.statistics import footnotes, interval
from workbench.report import _relations
from workbench.report._spec import OutputSpec
from workbench.report.render import BEST, Bold, Table, with_half_width
from workbench.report.tables._rows import shown

# {field of a record: (head of its column, whether a lower number is better)}.
MEASURES = {
    "weights": ("Weights, error", True),
    "support": ("Support, F1", False),
    "groups": ("Groups, adjusted Rand", False),
    "outliers": ("Outlier tasks, F1", False),
}


def build(run, inputs):
    """Return the table. inputs : ``fits`` and ``splits`` of the datasets with true weights."""
    splits = {(split.dataset, split.index): split for split in inputs.load_splits()}
    blocks, records = [], []
    for dataset in _datasets(run):
        found = []
        for method in shown(run):
            scores = [
                _measure(method, inputs["fits"].arrays(dataset.name, method.name, k), splits[dataset.name, k])
                for k in run.splits_of(dataset.name, method.name)
            ]
            if scores:
                found.append(_record(run, dataset, method, scores))
        if found:
            best = {name: _best(found, name, lowest) for name, (_, lowest) in MEASURES.items()}
            rows = [_row(each, best) for each in found]
            blocks.append((f"{dataset.title}: n = {max(each['n'] for each in found)}", rows))
            records += [_flat(each) for each in found]
    return Table(
        title="Recovery of what generated the data",
        columns=["Method", *(head for head, _ in MEASURES.values())],
        align="l" + "r" * len(MEASURES),
        blocks=blocks,
        notes=[
            "n: number of splits. The constant column is left out. Weights: ||W − W*|| / ||W*|| by the "
            "Frobenius norm, 0 is exact, and 1 what zero weights have. Support, F1: which weights are not "
            "zero; shown where some true ones are zero.",
            "Groups: agreement with the true groups of tasks, 1 is exact, 0 as by chance, outlier tasks left "
            "out. Groups come from learned clusters; from a learned graph, correlations or another relation "
            "by average linkage with the true number of groups; without a learned relation, from the cosines "
            "of the weights in the same way. The csv file says which. Of more than "
            f"{MAX_TASKS} tasks a random sample of {MAX_TASKS} is grouped.",
            "Outlier tasks: shown for methods that tell outlier tasks from others.",
            f"{BEST} (bold): best mean among the methods; controls do not compete.",
            *footnotes(run.interval, [each["n"] for each in records]),
        ],
        records=records,
    )


def _measure(method, arrays, split):
    """Return {measure: value, NaN where it does not apply} of one fit, and where its groups come from."""
    W, truth = arrays["W"], split.truth[:-1]
    W = W[: len(truth)]
    found = dict.fromkeys(MEASURES, math.nan) | {"weights": recovery.estimation_error(W, truth)}
    true_support = truth != 0.0
    if not true_support.all():
        found["support"] = recovery.f1(recovery.support(W), true_support)
    outliers = np.array(split.meta.get("outliers", [False] * len(split.tasks)))
    if "outliers" in arrays and outliers.any():
        found["outliers"] = recovery.f1(arrays["outliers"].astype(bool), outliers)
    true_groups = np.array(split.meta.get("group", []))
    if len(true_groups):
        tasks = sample_of(len(outliers))
        tasks = tasks[~outliers[tasks]]
        true_groups = true_groups[tasks]
    count = len(set(true_groups.tolist()))
    if count > 1:
        relation = _relations.relation(method, arrays, tasks)
        found["groups_from"] = "weights" if relation is None else _relations.learned(method)
        relation = recovery.cosines(W[:, tasks]) if relation is None else relation
        found["groups"] = recovery.adjusted_rand(_groups(relation, count, found), true_groups)
    return found


def _groups(relation, count, found):
    """Return the groups (T,) of a relation; of learned clusters, the clusters."""
    if found["groups_from"] == "clusters":
        return relation.argmax(axis=1)
    return recovery.groups(relation, count)


def _record(run, dataset, method, scores):
    """Return the record of a method with an Interval, or None, for each measure."""
    record = {"dataset": dataset.name, "method": method.name, "title": method.title, "n": len(scores)}
    record |= {"control": int(method.control), "groups_from": scores[0].get("groups_from", "")}
    for name in MEASURES:
        values = [each[name] for each in scores if math.isfinite(each[name])]
        record[name] = interval(values, run.interval) if values else None
    return record


def _best(found, name, lowest):
    """Return the best mean of a measure among the methods that compete, or None."""
    means = [each[name].mean for each in found if each[name] is not None and not each["control"]]
    return (min if lowest else max)(means, default=None)


def _row(record, best):
    cells = []
    for name in MEASURES:
        text = with_half_width(record[name], 3)
        wins = record[name] is not None and not record["control"] and record[name].mean == best[name]
        cells.append(Bold(f"{text} {BEST}") if wins else text)
    return [record["title"], *cells]


def _flat(record):
    """Return the record with numbers in place of intervals."""
    numbers = {}
    for name in MEASURES:
        each = record[name]
        numbers |= {name: each and each.mean, f"{name}_half_width": each and each.half}
    return {key: value for key, value in record.items() if key not in MEASURES} | numbers


def _datasets(run):
    return [each for each in run.datasets if each.has_truth]


def _fits(run):
    return {
        each.name: {m.name: splits for m in run.methods if (splits := run.splits_of(each.name, m.name))}
        for each in _datasets(run)
    }


def _splits(run):
    return {each.name: list(range(1, each.splits + 1)) for each in _datasets(run)}


SPEC = OutputSpec(
    "Recovery",
    "Tables",
    45,
    build,
    applies=lambda run: bool(_datasets(run)),
    fits=_fits,
    splits=_splits,
)
