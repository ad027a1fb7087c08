"""Where the defaults depart from the paper, and what undoing each departure changes in this run."""

from amtl.statistics import footnotes
from workbench.papers.lee2016.departures import DEPARTURES
from workbench.papers.lee2016.numbers import is_about_paper
from workbench.papers.results import overlaps, splits_read
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Code, Table, interval_record, with_direction
from workbench.report.tables._rows import METRICS, change
from workbench.scores import Scores

NOT_MEASURED = "not measured in this run"


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    scores, shared = Scores(inputs["scores"]), overlaps(run, inputs)
    metrics = {dataset.name: scores.primary_metric(dataset.name) for dataset in run.datasets}
    rows, records = [], []
    for departure in DEPARTURES:
        names = {"departure": departure.name, "reason": departure.reason, "undo": departure.undo}
        measured = []
        for reference, entry in departure.pairs:
            found = {name: change(run, scores, name, entry, reference, shared[name]) for name in metrics}
            if any(found.values()):
                compared = f"{run.title(entry)} − {run.title(reference)}"
                measured.append([compared, *map(with_direction, found.values())])
                records += [
                    _record(names, entry, reference, name, metrics[name], each)
                    for name, each in found.items()
                    if each
                ]
        if not measured:
            measured.append([NOT_MEASURED, *[NOTHING] * len(metrics)])
            records.append(_record(names))
        texts = [departure.name, departure.reason, Code(departure.undo)]
        # The texts stand in the first row of a departure.
        rows += [[*(texts if i == 0 else [""] * 3), *cells] for i, cells in enumerate(measured)]
    return Table(
        title="Departures from the paper",
        columns=[
            "Departure",
            "Reason",
            "Undone by",
            "Compared",
            *(f"{dataset.title}, {METRICS[metrics[dataset.name]]}" for dataset in run.datasets),
        ],
        align="wwww" + "r" * len(run.datasets),
        blocks=[(None, rows)],
        notes=[
            "Test error without the departure minus test error with it, on the same splits; below 0, undoing "
            "it lowers the error. docs/departures.md explains each departure.",
            *footnotes(run.interval, [record["n"] for record in records if record["n"]], corrected=True),
            "↓ (undoing it lowers the error) and ↑ (raises it): the interval does not contain 0.",
        ],
        records=records,
    )


def _record(names, entry="", reference="", dataset="", metric="", found=None):
    compared = {"entry": entry, "reference": reference, "dataset": dataset, "metric": metric}
    return {**names, **compared, **interval_record(found)}


SPEC = OutputSpec(
    "Departures", "Claims", 30, build, reads=("scores",), applies=is_about_paper, splits=splits_read
)
