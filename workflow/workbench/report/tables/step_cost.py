"""What a step of each method on small networks costs, against one of equal weights."""

from amtl.statistics import ratio
from workbench.papers.yu2024.networks import EQUAL, is_about_networks, is_network
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table
from workbench.scores import TIMING_COLUMNS, Scores, by_split, read_table


def build(run, inputs):
    """Return the table. inputs : ``timings``, ``scores``."""
    times = by_split(read_table(inputs["timings"], TIMING_COLUMNS), ("dataset", "method"), "fit")
    scores = Scores(inputs["scores"])

    def seconds_per_step(dataset, method):
        steps = scores.values(dataset, method, "iterations")
        return {
            k: seconds / steps[k] for k, seconds in times.get((dataset, method), {}).items() if steps.get(k)
        }

    rows, records = [], []
    for method in filter(is_network, run.methods):
        cells = []
        for dataset in run.datasets:
            found = ratio(*(seconds_per_step(dataset.name, each) for each in (method.name, EQUAL)), "t")
            if found is None:
                cells.append(NOTHING)
                continue
            half = "" if found.half is None or method.name == EQUAL else f" ± {found.half:.2f}"
            cells.append(f"{found.mean:.2f}{half}")
            record = {"dataset": dataset.name, "method": method.name, "title": method.title}
            records.append(record | {"n": found.n, "ratio": found.mean, "half_width": found.half})
        rows.append([method.title, *cells])
    return Table(
        title="Cost per step",
        columns=["Method", *(each.title for each in run.datasets)],
        align="l" + "r" * len(run.datasets),
        blocks=[(None, rows)],
        notes=[
            f"CPU seconds per step of the run at the chosen setting, divided by those of {run.title(EQUAL)} "
            "on the same split; mean over the splits with its 95 % interval. The checks on validation rows "
            "and the measurement of conflicts are in the seconds; with the same number of steps they are the "
            "same for all methods with a shared trunk.",
        ],
        records=records,
    )


SPEC = OutputSpec(
    "Cost per step", "Small networks", 30, build, reads=("timings", "scores"), applies=is_about_networks
)
