"""Seconds that each method takes, and the ratio of AMTL's to AMTL-Curriculum's."""

from amtl.statistics import Interval, footnotes, interval, ratio
from workbench.papers.lee2016 import numbers as paper
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table, interval_record, with_half_width, with_unit
from workbench.report.tables._rows import shown
from workbench.scores import TIMING_COLUMNS, by_split, read_table

# The two methods whose seconds the paper prints.
SLOW, FAST = "amtl", "amtl-curriculum"
PAPER_NOTE = (
    "The paper does not say which of the three columns its seconds belong to, and its machine differs: "
    "compare the ratios."
)
PHASES = {"tune": "Whole grid", "fit": "Chosen setting", "total": "Total"}
RATIO = "ratio"


def build(run, inputs):
    """Return the table. inputs : ``timings``."""
    table = read_table(inputs["timings"], TIMING_COLUMNS)
    seconds = {phase: by_split(table, ("dataset", "method"), phase) for phase in PHASES}
    timed = dict.fromkeys(place for times in seconds.values() for place in times)
    beside_paper = any(map(_printed, run.datasets))
    blocks, records = [], []
    for dataset in run.datasets:
        times = {
            method.name: [seconds[phase].get((dataset.name, method.name), {}) for phase in PHASES]
            for method in shown(run)
            if (dataset.name, method.name) in timed
        }
        found = {
            name: [interval(each.values(), run.interval) if each else None for each in phases]
            for name, phases in times.items()
        }
        if SLOW in times and FAST in times:
            found[RATIO] = [ratio(*pair, run.interval) for pair in zip(times[SLOW], times[FAST], strict=True)]
        printed = _printed(dataset)
        rows = []
        for name, phases in found.items():
            title = f"{run.title(SLOW)} / {run.title(FAST)}" if name == RATIO else run.title(name)
            cells = [with_half_width(each) if name == RATIO else with_unit(each) for each in phases]
            rows.append([title, *cells, *([printed.get(name, NOTHING)] if beside_paper else [])])
            records += [
                {"dataset": dataset.name, "quantity": name, "phase": phase, **interval_record(each)}
                for phase, each in zip(PHASES, phases, strict=True)
                if each is not None
            ]
        blocks.append((dataset.title, rows))
    has_ratio = any(record["quantity"] == RATIO for record in records)
    return Table(
        title="Runtime, on one core",
        columns=["Method", *PHASES.values(), *(["Paper"] if beside_paper else [])],
        align="lrrr" + "r" * beside_paper,
        blocks=blocks,
        notes=[
            "Mean over splits of the CPU time of one fit job without its start-up; the csv file has "
            "seconds. Whole grid: the search over all settings, with that for STL weights to start from. "
            "Chosen setting: one fit.",
            *footnotes(run.interval, [record["n"] for record in records]),
            *(["The ratio is computed split by split, then averaged."] if has_ratio else []),
            *([PAPER_NOTE] if beside_paper else []),
        ],
        records=records,
    )


def _printed(dataset):
    """Return {method or ``ratio``: cell} of the seconds that the paper prints for `dataset`."""
    table, column, _ = paper.place(dataset.dataset)
    numbers = paper.RUNTIME.get(column, {}) if table == "table1" else {}
    # As printed.
    cells = {
        name: f"{with_half_width(Interval(5, mean, None, half))} s" for name, (mean, half) in numbers.items()
    }
    if numbers:
        cells[RATIO] = f"{numbers[SLOW][0] / numbers[FAST][0]:.1f}"
    return cells


SPEC = OutputSpec("Runtime", "Tables", 50, build, reads=("timings",))
