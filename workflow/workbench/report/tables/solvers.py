"""How close the solvers of 2MTL come to the optimum in some passes, and how long it takes."""

from amtl.statistics import footnotes, interval
from workbench.report import _solvers as solvers
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table


def build(run, inputs):
    """Return the table. inputs : ``solvers``."""
    blocks, records = [], []
    for dataset in solvers.datasets(run):
        studies = solvers.studies(inputs, dataset.name)
        found = [_record(run, dataset, studies, *key) for key in solvers.runs(studies)]
        optimum = interval([each["optimum"]["seconds"] for each in studies], run.interval)
        title = f"{dataset.title}: L-BFGS to the optimum {optimum.mean:.2g} s"
        blocks.append((title, [_row(each) for each in found]))
        records += found
    return Table(
        title="Solvers of 2MTL against the optimum",
        columns=["Solver", "Passes", "Gap, %", "Seconds", "Diverged"],
        align="lrrrr",
        blocks=blocks,
        notes=[
            "Gap: (F − F*) / F* after all passes, of the same objective with fixed similarities; F* is the "
            "optimum of L-BFGS, to a relative gradient norm of 1e-8. Seconds: of all passes and the choice "
            "of the first step, on one thread, without evaluations of the objective.",
            "Diverged: number of splits in which the weights overflowed or the objective rose above that of "
            "the first weights; they have no gap.",
            *footnotes(run.interval, [each["n"] for each in records if each["n"]]),
        ],
        records=records,
    )


def _record(run, dataset, studies, solver, passes):
    found = [solvers.run_of(study, solver, passes) for study in studies]
    gap = solvers.gap_record([each["gap"] for each in found], run.interval)
    diverged = gap.pop("diverged")
    return {
        "dataset": dataset.name,
        "solver": solver,
        "passes": passes,
        **gap,
        "seconds_mean": sum(each["seconds"] for each in found) / len(found),
        "diverged": diverged,
    }


def _row(record):
    gap, seconds = solvers.gap_text(record), f"{record['seconds_mean']:.2g}"
    return [record["solver"], str(record["passes"]), gap, seconds, str(record["diverged"] or NOTHING)]


SPEC = OutputSpec("Solvers of 2MTL", "2MTL", 10, build, applies=solvers.applies, solvers=solvers.splits_read)
