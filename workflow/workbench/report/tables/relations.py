"""Does a learned relation of the tasks tell which task gains from which?"""

import math

import numpy as np

from amtl.pairs import MAX_TASKS, agreement
from amtl.statistics import footnotes, interval
from workbench.papers.results import overlap
from workbench.report import _relations as relations
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table, with_half_width
from workbench.report.tables._own import signed


def build(run, inputs):
    """Return the table. inputs : ``pairs``, ``fits`` and ``splits`` as in `SPEC`."""
    shared, truths = {}, {}
    for split in inputs.load_splits() if _splits(run) else ():
        if run.dataset(split.dataset).splits_overlap:
            shared[split.dataset] = overlap(split)
        if split.truth is not None:
            truths.setdefault(split.dataset, {})[split.index] = split.truth[:-1]
    blocks, records = [], []
    for dataset in relations.learner_datasets(run):
        gains, found = relations.gains_and_relations(run, inputs, dataset.name, truths.get(dataset.name, {}))
        own = [_record(run, dataset, name, gains, each, shared) for name, each in found.items()]
        # Learned relations first, the best one at the top.
        own.sort(key=lambda record: (record["control"], -record["spearman"].mean))
        blocks.append((_title(dataset, gains), [_row(each) for each in own]))
        records += [_flat(each) for each in own]
    return Table(
        title="Which task gains from which: learned relations against measured gains",
        columns=["Relation", "Learned", "Spearman", "By receiver", "AUC", "Of means", "n"],
        align="llrrrrr",
        blocks=blocks,
        notes=[
            "Measured: for every pair of tasks s and t, how much the test error of t falls if t is learned "
            "together with s alone, by mean-regularized ridge regression tuned on the validation rows, in % "
            "of the error (RMSE) of t alone. Relations see the training and validation rows only. Of more "
            f"than {MAX_TASKS} tasks a random sample of {MAX_TASKS} is compared, the same in every split.",
            "Spearman: rank correlation of the relation from s to t with the gain of t from s, over all "
            "ordered pairs. By receiver: over the givers of one task, mean over the tasks. AUC: probability "
            "that a pair with a gain above 0 has a stronger relation than another pair. A relation without "
            "differences, such as an empty graph, has 0, 0 and 0.5.",
            "These are means over the splits. Of means: Spearman of the mean relation with the mean gains "
            "over the splits, in which chance is smaller.",
            "Below the methods: the gains on another split, which shows how much of the measured gains is "
            "chance; cosines of the true weights; and the weights of each task alone, by cosine and as a "
            f"graph of the {relations.NEIGHBOURS} nearest tasks.",
            *footnotes(run.interval, [record["n"] for record in records], corrected=bool(shared)),
        ],
        records=records,
    )


def _record(run, dataset, name, gains, found, shared):
    """Return the record of one relation with Intervals over the splits."""
    method = run.method(name) if name not in relations.CONTROLS else None
    measured = [agreement(each, gains[k]) for k, each in found.items()]
    areas = [each.auc for each in measured if math.isfinite(each.auc)]
    facts = run.interval, shared.get(dataset.name, 0.0)
    sizes = [agreement(np.abs(each), gains[k]).spearman for k, each in found.items()]
    return {
        "dataset": dataset.name,
        "relation": name,
        "title": method.title if method else relations.CONTROLS[name],
        "control": int(method is None),
        "learned": relations.learned(method) if method else "",
        "n": len(measured),
        "spearman": interval([each.spearman for each in measured], *facts),
        "by_receiver": interval([each.by_receiver for each in measured], *facts),
        "auc": interval(areas, *facts) if areas else None,
        "spearman_of_means": _of_means(name, gains, found),
        "spearman_of_size": sum(sizes) / len(sizes),
    }


def _of_means(name, gains, found):
    """Return the correlation of the mean relation with the mean gains; None for gains with themselves."""
    if name == relations.AGAIN:
        return None
    mean, gain = (np.mean([each[k] for k in found], axis=0) for each in (found, gains))
    return agreement(mean, gain).spearman


def _title(dataset, gains):
    """Return the title of a block: how many pairs gain, and how much."""
    pairs = ~np.eye(len(next(iter(gains.values()))), dtype=bool)
    values = np.concatenate([each[pairs] for each in gains.values()])
    share, mean = 100.0 * np.mean(values > 0), signed(float(values.mean()), 1)
    return f"{dataset.title}: {len(pairs)} tasks; {share:.0f} % of the pairs gain, mean {mean} %"


def _row(record):
    learned = record["learned"].replace("_", " ") or NOTHING
    cells = [with_half_width(record[name], sign=True) for name in ("spearman", "by_receiver")]
    cells.append(with_half_width(record["auc"]))
    means = record["spearman_of_means"]
    cells.append(NOTHING if means is None else signed(means, 2))
    return [record["title"], learned, *cells, str(record["n"])]


def _flat(record):
    """Return the record with numbers in place of intervals."""
    numbers = {}
    for name in ("spearman", "by_receiver", "auc"):
        each = record[name]
        numbers |= {name: each and each.mean, f"{name}_half_width": each and each.half}
    return record | numbers


def _splits(run):
    """Return all splits of generated data, for the true weights, and one of each other that shares rows."""
    found = {}
    for dataset in relations.learner_datasets(run):
        numbers = list(range(1, dataset.splits + 1)) if dataset.has_truth else [1]
        if dataset.has_truth or dataset.splits_overlap:
            found[dataset.name] = numbers
    return found


SPEC = OutputSpec(
    "Relations",
    "Tables",
    52,
    build,
    applies=lambda run: bool(relations.learner_datasets(run)),
    fits=relations.learner_fits,
    splits=_splits,
    pairs=relations.pair_splits,
)
