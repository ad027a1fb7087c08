"""The comparisons of the solvers of 2MTL, as the tables and figures read them."""

from amtl.statistics import interval
from workbench.report.render import NOTHING

# The method whose presence asks for the comparison.
METHOD = "two-mtl"


def datasets(run):
    """Return the datasets of a run on which 2MTL is fitted."""
    return [each for each in run.datasets if any(run.splits_of(each.name, name) for name in _entries(run))]


def _entries(run):
    return [method.name for method in run.methods if method.method == METHOD]


def applies(run):
    """Return whether a run fits 2MTL."""
    return bool(datasets(run))


def splits_read(run):
    """Return {dataset: split numbers} of all comparisons."""
    return {each.name: list(range(1, each.splits + 1)) for each in datasets(run)}


def studies(inputs, dataset):
    """Return the comparisons of a dataset, in the order of the splits."""
    return [found for (name, _), found in sorted(inputs["solvers"].items()) if name == dataset]


def runs(found):
    """Return the (solver, passes) of comparisons."""
    return [(each["solver"], each["passes"]) for each in found[0]["runs"]]


def gap_record(gaps, kind):
    """Return the mean of gaps to the optimum in %, as columns of a table.

    gaps : None where the solver diverged. kind : of the `amtl.statistics.interval`.
    """
    known = [100.0 * each for each in gaps if each is not None]
    mean = interval(known, kind) if known else None
    return {
        "n": len(known),
        "gap_mean": None if mean is None else mean.mean,
        "gap_half_width": None if mean is None else mean.half,
        "diverged": len(gaps) - len(known),
    }


def gap_text(record):
    """Return the gap of a `gap_record` with its half width, as a cell."""
    if record["gap_mean"] is None:
        return NOTHING
    half = record["gap_half_width"]
    return f"{record['gap_mean']:.3g}" + ("" if half is None else f" ± {half:.2g}")


def run_of(study, solver, passes):
    """Return one run of a comparison."""
    return next(e for e in study["runs"] if (e["solver"], e["passes"]) == (solver, passes))
