"""Seconds that AMTL and AMTL-Curriculum take, and how many times the one takes the other's."""

import math

from amtl import paper
from amtl.scores import TIMING_COLUMNS, read_table
from amtl.statistics import Interval, footnotes, interval, ratio
from amtl.tables.render import NOTHING, Table, interval_record, with_half_width

PHASES = {"tune": "Whole grid, s", "fit": "Chosen setting, s", "total": "Total, s"}


def build(job, inputs):
    """Return the table. job: ``datasets``, ``methods`` = [slow, fast], ``interval``; inputs: ``timings``."""
    kind = job.get("interval", "normal")
    slow, fast = job["methods"]
    seconds = {}
    for row in read_table(inputs["timings"], TIMING_COLUMNS):
        for phase in PHASES:
            if row[phase]:
                times = seconds.setdefault((row["dataset"], row["method"], phase), {})
                times[int(row["split"])] = float(row[phase])
    blocks, records = [], []
    for dataset in paper.in_order(job["datasets"], paper.DATASETS):
        measured = {
            method: {phase: seconds.get((dataset, method, phase), {}) for phase in PHASES}
            for method in (slow, fast)
        }
        intervals = {
            method: {phase: interval(times.values(), kind) for phase, times in phases.items() if times}
            for method, phases in measured.items()
        }
        intervals["ratio"] = {
            phase: ratio(measured[slow][phase], measured[fast][phase], kind) for phase in PHASES
        }
        printed = _printed(dataset, slow, fast)
        titles = {
            slow: paper.method_title(job, slow),
            fast: paper.method_title(job, fast),
            "ratio": f"{paper.method_title(job, slow)} / {paper.method_title(job, fast)}",
        }
        rows = []
        for name, title in titles.items():
            cells = [
                with_half_width(intervals[name].get(phase), _digits(intervals[name].get(phase)))
                for phase in PHASES
            ]
            rows.append([title, *cells, printed[name]])
            records += [
                {"dataset": dataset, "quantity": name, "phase": phase, **interval_record(each)}
                for phase, each in intervals[name].items()
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


def _printed(dataset, slow, fast):
    numbers = paper.RUNTIME if paper.place(dataset)[0] == "table1" else {}
    numbers = numbers.get(paper.place(dataset)[1], {})
    if slow not in numbers or fast not in numbers:
        return {slow: NOTHING, fast: NOTHING, "ratio": NOTHING}
    cells = {name: with_half_width(Interval(5, numbers[name][0], None, numbers[name][1])) for name in numbers}
    return {**cells, "ratio": f"{numbers[slow][0] / numbers[fast][0]:.1f}"}
