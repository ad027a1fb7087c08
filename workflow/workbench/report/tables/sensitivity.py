"""How flat the validation error of each method is over its grid, and what a third of the grid would cost."""

from statistics import median

from workbench.report import _surfaces
from workbench.report._spec import OutputSpec
from workbench.report.render import Table

# A point counts as good if its validation error is at most so many % above the lowest one.
WITHIN = (1.0, 5.0)
# {field of a record: head of its column}; all are in %.
MEASURES = {
    **{f"within_{percent:g}": f"Points within {percent:g} %" for percent in WITHIN},
    "third_loss": "Loss by a third of the points",
    "third_loss_largest": "Largest such loss",
    "added_gain": "Gain by added points",
}
# The record of a method over all datasets has this in place of the dataset.
ALL = "all"


def build(run, inputs):
    """Return the table. inputs : ``fits``."""
    rows, records = [], []
    for method in _surfaces.tuned(run):
        found = {
            dataset.name: _of_dataset(run, inputs, dataset.name, method.name) for dataset in run.datasets
        }
        found = {name: each for name, each in found.items() if each}
        if not found:
            continue
        total = _joined(list(found.values()))
        records += [_record(name, method, each) for name, each in {**found, ALL: total}.items()]
        cells = [f"{total[key]:.0f}" if key.startswith("within") else f"{total[key]:.1f}" for key in MEASURES]
        points = " × ".join(str(size) for size in total["sizes"])
        rows.append([method.title, ", ".join(total["axes"]), points, str(total["datasets"]), *cells])
    return Table(
        title="Sensitivity to the hyper-parameters",
        columns=["Method", "Axes", "Grid", "Datasets", *(f"{head}, %" for head in MEASURES.values())],
        align="lwrr" + "r" * len(MEASURES),
        blocks=[(None, rows)],
        notes=[
            "All numbers are about the validation error; test errors exist only for the chosen point. The "
            "lowest of many validation errors is too low, so a loss here may be larger or smaller on test "
            "rows.",
            f"Points within {WITHIN[0]:g} % or {WITHIN[1]:g} %: share of the initial grid whose validation "
            "error is at most so much above the lowest one; a large share means that tuning matters little.",
            "Loss by a third of the points: how much higher the lowest validation error is if only a fixed "
            "third of the initial grid is tried: the points whose places along the axes, counted from 0, add "
            "up to 1, 4, 7, ... Points keep the warm starts of the whole grid.",
            "Gain by added points: how much lower it is by the points beyond the initial grid.",
            "Each number is the median over the splits of a dataset, then over datasets; the largest loss is "
            "that of any fit. Grids of fewer than six points, and fits without any validation error, are "
            "left out. The csv file has every dataset.",
        ],
        records=records,
    )


def _of_dataset(run, inputs, dataset, method):
    """Return the measures of a method on a dataset, or None without a grid."""
    records = (inputs["fits"].record(dataset, method, k) for k in run.splits_of(dataset, method))
    found = [each for each in map(_surfaces.surface, records) if each is not None]
    if not found:
        return None
    losses = [each.loss_of_third for each in found]
    return {
        "n": len(found),
        "axes": found[0].axes,
        "sizes": [len(set(column)) for column in found[0].places.T.tolist()],
        "points": len(found[0].errors),
        "third": int(found[0].third.sum()),
        **{f"within_{p:g}": median(each.share_within(p) for each in found) for p in WITHIN},
        "third_loss": median(losses),
        "third_loss_largest": max(losses),
        "added_gain": median(each.gain_of_added for each in found),
    }


def _joined(found):
    """Return the measures over datasets."""
    joined = {key: median(each[key] for each in found) for key in MEASURES}
    joined["third_loss_largest"] = max(each["third_loss_largest"] for each in found)
    largest = max(found, key=lambda each: each["points"])
    return {**largest, "n": sum(each["n"] for each in found), "datasets": len(found), **joined}


def _record(dataset, method, found):
    names = {"dataset": dataset, "method": method.name, "title": method.title, "n": found["n"]}
    facts = {"axes": " ".join(found["axes"]), "points": found["points"], "third": found["third"]}
    return {**names, **facts, **{key: found[key] for key in MEASURES}}


def _fits(run):
    return {
        dataset.name: {
            method.name: splits
            for method in _surfaces.tuned(run)
            if (splits := run.splits_of(dataset.name, method.name))
        }
        for dataset in run.datasets
    }


SPEC = OutputSpec("Sensitivity", "Tables", 48, build, applies=_surfaces.applies, fits=_fits)
