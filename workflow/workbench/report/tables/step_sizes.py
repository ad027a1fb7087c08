"""How much the gap of 2MTL-F depends on its first step and on the shrinkage of its steps."""

from amtl.statistics import footnotes
from workbench.report import _solvers as solvers
from workbench.report._spec import OutputSpec
from workbench.report.render import Table

SOLVER = "2MTL-F"


def build(run, inputs):
    """Return the table. inputs : ``solvers``."""
    datasets, cells, records = solvers.datasets(run), {}, []
    for dataset in datasets:
        for change, gaps in _gaps(solvers.studies(inputs, dataset.name)).items():
            record = solvers.gap_record(gaps, run.interval)
            cells.setdefault(change, []).append(_cell(record))
            records.append({"dataset": dataset.name, "change": change, **record})
    return Table(
        title="Step sizes of 2MTL-F",
        columns=["Steps", *(f"{each.title}, gap in %" for each in datasets)],
        align="l" + "r" * len(datasets),
        blocks=[(None, [[change, *row] for change, row in cells.items()])],
        notes=[
            "Gap to the optimum after the most passes of the table Solvers of 2MTL, with the same fixed "
            "similarities. By default the first step is chosen on a part of the rows, and the smallest "
            "ratios of steps shrink them to 0.05 over all passes. Every other line changes one of the two. "
            "In brackets: splits in which the steps diverged.",
            *footnotes(run.interval, [each["n"] for each in records if each["n"]]),
        ],
        records=records,
    )


def _gaps(studies):
    """Return {change of the steps: gap of every comparison, None where it diverged}."""
    longest = max(passes for _, passes in solvers.runs(studies))
    found = {"as chosen": [solvers.run_of(study, SOLVER, longest)["gap"] for study in studies]}
    for study in studies:
        for each in study["steps"]:
            if each["factor"] == 1.0:
                change = f"shrink to {each['shrinkage']:g}"
            else:
                change = f"first step × {each['factor']:g}"
            found.setdefault(change, []).append(each["gap"])
    return found


def _cell(record):
    text = solvers.gap_text(record)
    return f"{text} ({record['diverged']})" if record["diverged"] else text


SPEC = OutputSpec(
    "Step sizes of 2MTL-F", "2MTL", 12, build, applies=solvers.applies, solvers=solvers.splits_read
)
