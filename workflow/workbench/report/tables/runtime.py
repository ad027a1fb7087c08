"""Seconds that each method takes, and how many times those of AMTL-Curriculum AMTL takes."""

import math

from amtl.statistics import Interval, footnotes, interval, ratio
from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import NOTHING, Table, interval_record, with_half_width
from workbench.scores import TIMING_COLUMNS, read_table

# The paper gives the seconds of these two.
SLOW, FAST = "amtl", "amtl-curriculum"
PHASES = {"tune": "Whole grid, s", "fit": "Chosen setting, s", "total": "Total, s"}


def build(job, inputs):
    """Return the table. job: ``datasets``, ``methods``, ``interval``; inputs: ``timings``."""
    kind = job.get("interval", "normal")
    methods, controls = paper.split_controls(job)
    seconds = {}
    for row in read_table(inputs["timings"], TIMING_COLUMNS):
        for phase in PHASES:
            if row[phase]:
                times = seconds.setdefault((row["dataset"], row["method"]), {}).setdefault(phase, {})
                times[int(row["split"])] = float(row[phase])
    blocks, records = [], []
    for dataset in paper.in_order(job["datasets"], paper.DATASETS):
        measured = {m: seconds[dataset, m] for m in methods + controls if (dataset, m) in seconds}
        found = {
            (method, paper.method_title(job, method)): {
                phase: interval(times.values(), kind) for phase, times in phases.items()
            }
            for method, phases in measured.items()
        }
        if SLOW in measured and FAST in measured:
            title = f"{paper.method_title(job, SLOW)} / {paper.method_title(job, FAST)}"
            found["ratio", title] = {
                phase: ratio(measured[SLOW].get(phase, {}), measured[FAST].get(phase, {}), kind)
                for phase in PHASES
            }
        printed = _printed(dataset)
        rows = []
        for (name, title), phases in found.items():
            cells = [with_half_width(phases.get(key), _digits(phases.get(key))) for key in PHASES]
            rows.append([title, *cells, printed.get(name, NOTHING)])
            records += [
                {"dataset": dataset, "quantity": name, "phase": phase, **interval_record(each)}
                for phase, each in phases.items()
                if each is not None
            ]
        blocks.append((paper.dataset_title(dataset), rows))
    return Table(
        title="Runtime, on one core",
        columns=["Method", *PHASES.values(), "Paper, s"],
        align="lrrrr",
        blocks=blocks,
        notes=[
            "Mean over splits of the wall-clock seconds of one fit job, its start-up left out. Whole grid: "
            "the search, with that for the STL weights it starts from. Chosen setting: that one fit alone.",
            *footnotes(kind, [record["n"] for record in records]),
            "The ratio is taken split by split, then averaged. The paper does not say which of the three "
            "columns its seconds are, and its machine is another: compare the ratios.",
        ],
        records=records,
    )


def _digits(seconds):
    """Return the decimals that show two digits of the half width; times span from milliseconds to minutes."""
    if seconds is None or not seconds.half:
        return 3
    return max(1, 1 - math.floor(math.log10(seconds.half)))


def _printed(dataset):
    """Return {method or ``ratio``: cell} of the seconds that the paper prints for `dataset`."""
    table, column, _ = paper.place(dataset)
    numbers = paper.RUNTIME.get(column, {}) if table == "table1" else {}
    cells = {name: with_half_width(Interval(5, mean, None, half)) for name, (mean, half) in numbers.items()}
    if numbers:
        cells["ratio"] = f"{numbers[SLOW][0] / numbers[FAST][0]:.1f}"
    return cells
