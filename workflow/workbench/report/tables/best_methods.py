"""Which method when: on each dataset the best method, and those that are not clearly worse than it."""

from amtl.ranks import EQUAL
from workbench.papers.results import overlaps, splits_read
from workbench.report import _ranks
from workbench.report._spec import OutputSpec
from workbench.report._standings import GENERATED, REAL, applies, standings
from workbench.report.render import NOTHING, Table
from workbench.report.tables._own import signed
from workbench.report.tables._rows import BASELINE, METRICS
from workbench.scores import Scores

# So many names are listed in a cell; the csv file has all.
MAX_NAMES = 6
TITLES = {GENERATED: "Generated data", REAL: "Real data"}


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    scores = Scores(inputs["scores"])
    found = standings(run, scores, overlaps(run, inputs))
    blocks = []
    for kind, title in TITLES.items():
        rows = [_row(run, scores, each) for each in found if each.kind == kind]
        blocks += [(title, rows)] if rows else []
    same = [
        f"{run.title(name)} = {' = '.join(map(run.title, others))}"
        for name, others in _ranks.same_methods(run, scores).items()
    ]
    baseline = run.title(BASELINE)
    return Table(
        title="Which method when",
        columns=[
            "Dataset",
            "Lowest error",
            f"Against {baseline}, %",
            f"Within {EQUAL:g} % of it",
            "Also not clearly worse",
            "Clearly worse",
        ],
        align="lwrwwr",
        blocks=blocks,
        notes=[
            "Lowest error: the method with the lowest mean test error over the splits; controls do not "
            f"compete. Against {baseline}: its mean error minus that of {baseline}, in % of the latter.",
            "Clearly worse: worse than the method with the lowest error on the same splits, by a two-sided "
            "paired t test at 5 % (corrected for shared rows), by Holm's method over all methods of the "
            "dataset; how many of the others. Methods are listed by their error. The test does not count "
            "that the best method was chosen by these results, so a method just behind it may be as good.",
            f"With one split no difference is tested: only methods within {EQUAL:g} % are listed.",
            *([f"One method under several names, listed once: {'; '.join(same)}."] if same else []),
        ],
        records=[record for each in found for record in _records(run, each)],
    )


def _row(run, scores, standing):
    baseline = standing.percent.get(standing.best)
    close = standing.close
    also = [name for name in standing.not_worse if name != standing.best and name not in close]
    rivals = len(standing.errors) - 1
    return [
        f"{standing.dataset.title}, {METRICS[scores.primary_metric(standing.dataset.name)]}",
        run.title(standing.best),
        NOTHING if baseline is None else signed(baseline, 1),
        _names(run, close),
        _names(run, also),
        "one split" if standing.splits == 1 else f"{len(standing.worse)} of {rivals}",
    ]


def _names(run, names):
    shown = ", ".join(map(run.title, names[:MAX_NAMES]))
    more = len(names) - MAX_NAMES
    return NOTHING if not names else f"{shown} and {more} more" if more > 0 else shown


def _records(run, standing):
    """Return one record per method of a dataset, the lowest error first."""
    not_worse = standing.not_worse
    return [
        {
            "dataset": standing.dataset.name,
            "kind": standing.kind,
            "counts": int(standing.counts),
            "method": name,
            "title": run.title(name),
            "n": standing.splits,
            "mean": mean,
            "percent": standing.percent.get(name),
            "behind": standing.behind[name],
            "best": int(name == standing.best),
            "not_worse": int(name in not_worse),
            "worse": int(name in standing.worse),
        }
        for name, mean in standing.errors.items()
    ]


SPEC = OutputSpec("Best methods", "Tables", 9, build, reads=("scores",), applies=applies, splits=splits_read)
