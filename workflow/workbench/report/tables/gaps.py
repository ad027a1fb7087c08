"""Whether learning together widens or narrows the gap between groups of tasks, such as women and men."""

from amtl.statistics import footnotes, interval, paired
from workbench.papers.results import overlap
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table, with_direction, with_half_width
from workbench.report.tables._rows import BASELINE, has_baseline, shown
from workbench.report.tables.tasks import UNITS
from workbench.scores import Scores


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, the first one of each dataset with attributes."""
    scores, blocks, records = Scores(inputs["scores"]), [], []
    for split in inputs.load_splits():
        dataset = run.dataset(split.dataset)
        shared = overlap(split) if dataset.splits_overlap else 0.0
        for name in dataset.attributes:
            value_of = dict(zip(split.tasks, split.meta["attributes"][name], strict=True))
            found = _records(run, scores, dataset, name, value_of, shared)
            if found:
                blocks.append(
                    (_title(scores, dataset, name, value_of, found[0]), [_row(each) for each in found])
                )
                records += [_flat(each) for each in found]
    return Table(
        title="Gaps between groups of tasks",
        columns=["Method", "Error, worse group", "Error, better group", "Gap", "Gap minus STL's"],
        align="lrrrr",
        blocks=blocks or [(None, [])],
        notes=[
            "Errors: mean over the tasks of a group and over the splits. The worse and the better group are "
            f"those of {run.title(BASELINE)}. Gap: the error of the worse group minus that of the better "
            "one. Gap minus STL's: on the same splits; below 0 the method narrows the gap.",
            "↓ (narrower) and ↑ (wider): the interval does not contain 0. Few tasks in a group may differ by "
            "more than their attribute.",
            *footnotes(run.interval, [each["n"] for each in records], corrected=True),
        ],
        records=records,
    )


def _records(run, scores, dataset, attribute, value_of, shared):
    """Return one record per method with Intervals of its errors in the two groups and of the gap."""
    metric = scores.task_metric(dataset.name)
    alone = _group_errors(scores.by_task(dataset.name, BASELINE, metric), value_of)
    if len(alone) < 2:
        return []
    means = {value: interval(errors.values()).mean for value, errors in alone.items()}
    worse, better = max(means, key=means.get), min(means, key=means.get)
    usual, found = _gap(alone, worse, better), []
    for method in shown(run):
        errors = _group_errors(scores.by_task(dataset.name, method.name, metric), value_of)
        if worse in errors and better in errors:
            gap = _gap(errors, worse, better)
            record = {"dataset": dataset.name, "attribute": attribute, "metric": metric}
            record |= {"method": method.name, "title": method.title, "n": len(gap)}
            record |= {"worse_group": worse, "better_group": better}
            record |= {"worse": interval(errors[worse].values(), run.interval, shared)}
            record |= {"better": interval(errors[better].values(), run.interval, shared)}
            record |= {"gap": interval(gap.values(), run.interval, shared)}
            change = paired(gap, usual, run.interval, shared) if method.name != BASELINE else None
            found.append(record | {"change": change})
    return found


def _group_errors(errors, value_of):
    """Return {value of the attribute: {split: mean error of its tasks}} of {task: {split: error}}.

    Only splits with all tasks of the group count.
    """
    groups = {}
    for task, own in errors.items():
        groups.setdefault(value_of[task], []).append(own)
    means = {}
    for value, own in groups.items():
        common = sorted(set.intersection(*(set(each) for each in own)))
        if common:
            means[value] = {k: sum(each[k] for each in own) / len(own) for k in common}
    return means


def _gap(errors, worse, better):
    """Return {split: error of the worse group minus that of the better one}."""
    return {k: errors[worse][k] - errors[better][k] for k in errors[worse] if k in errors[better]}


def _title(scores, dataset, attribute, value_of, record):
    counts = {value: sum(each == value for each in value_of.values()) for value in set(value_of.values())}
    groups = (f"{record[side]} ({counts[record[side]]} tasks)" for side in ("worse_group", "better_group"))
    unit = UNITS[scores.task_metric(dataset.name)]
    return f"{dataset.title}, {attribute}, {unit}: worse {', better '.join(groups)}; n = {record['n']}"


def _row(record):
    cells = [with_half_width(record[name]) for name in ("worse", "better", "gap")]
    return [record["title"], *cells, with_direction(record["change"]) if record["change"] else NOTHING]


def _flat(record):
    """Return the record with numbers in place of intervals."""
    numbers = {}
    for name in ("worse", "better", "gap", "change"):
        each = record[name]
        numbers |= {name: each and each.mean, f"{name}_half_width": each and each.half}
    return record | numbers


def _splits(run):
    return {each.name: [1] for each in run.datasets if each.attributes}


SPEC = OutputSpec(
    "Gaps",
    "Tables",
    42,
    build,
    reads=("scores",),
    applies=lambda run: has_baseline(run) and bool(_splits(run)),
    splits=_splits,
)
