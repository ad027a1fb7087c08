"""Seconds that each method takes, and the ratio of AMTL's to AMTL-Curriculum's."""

import math

from amtl.statistics import Interval, footnotes, interval, ratio
from workbench.papers.lee2016 import numbers as paper
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table, interval_record, with_half_width
from workbench.scores import TIMING_COLUMNS, read_table

# The two methods whose seconds the paper prints.
SLOW, FAST = "amtl", "amtl-curriculum"
PHASES = {"tune": "Whole grid, s", "fit": "Chosen setting, s", "total": "Total, s"}


def build(run, inputs):
    """Return the table. inputs : ``timings``."""
    methods = run.methods_that(control=False) + run.methods_that(control=True)
    seconds = {}
    for row in read_table(inputs["timings"], TIMING_COLUMNS):
        for phase in PHASES:
            if row[phase]:
                times = seconds.setdefault((row["dataset"], row["method"]), {}).setdefault(phase, {})
                times[int(row["split"])] = float(row[phase])
    blocks, records = [], []
    for dataset in run.datasets:
        measured = {
            m.name: seconds[dataset.name, m.name] for m in methods if (dataset.name, m.name) in seconds
        }
        found = {
            (name, run.method(name).title): {
                phase: interval(times.values(), run.interval) for phase, times in phases.items()
            }
            for name, phases in measured.items()
        }
        if SLOW in measured and FAST in measured:
            title = f"{run.method(SLOW).title} / {run.method(FAST).title}"
            found["ratio", title] = {
                phase: ratio(measured[SLOW].get(phase, {}), measured[FAST].get(phase, {}), run.interval)
                for phase in PHASES
            }
        printed = _printed(dataset)
        rows = []
        for (name, title), phases in found.items():
            cells = [with_half_width(phases.get(key), _digits(phases.get(key))) for key in PHASES]
            rows.append([title, *cells, printed.get(name, NOTHING)])
            records += [
                {"dataset": dataset.name, "quantity": name, "phase": phase, **interval_record(each)}
                for phase, each in phases.items()
                if each is not None
            ]
        blocks.append((dataset.title, rows))
    return Table(
        title="Runtime, on one core",
        columns=["Method", *PHASES.values(), "Paper, s"],
        align="lrrrr",
        blocks=blocks,
        notes=[
            "Mean over splits of the wall-clock seconds of one fit job without its start-up. Whole grid: the "
            "search over all settings, including the search for STL weights to start from. Chosen setting: "
            "one fit.",
            *footnotes(run.interval, [record["n"] for record in records]),
            "The ratio is computed split by split, then averaged. The paper does not say which of the three "
            "columns its seconds belong to, and its machine differs: compare the ratios.",
        ],
        records=records,
    )


def _digits(seconds):
    """Return the decimals that show two digits of the half width: milliseconds or minutes."""
    if seconds is None or not seconds.half:
        return 3
    return max(1, 1 - math.floor(math.log10(seconds.half)))


def _printed(dataset):
    """Return {method or ``ratio``: cell} of the seconds that the paper prints for `dataset`."""
    table, column, _ = paper.place(dataset.dataset)
    numbers = paper.RUNTIME.get(column, {}) if table == "table1" else {}
    cells = {name: with_half_width(Interval(5, mean, None, half)) for name, (mean, half) in numbers.items()}
    if numbers:
        cells["ratio"] = f"{numbers[SLOW][0] / numbers[FAST][0]:.1f}"
    return cells


SPEC = OutputSpec(label="Runtime", section="Tables", order=50, make=build, reads=("timings",))
