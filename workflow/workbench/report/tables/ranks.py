"""Mean ranks of the methods over datasets, and which of them differ by more than chance."""

from workbench.report import _ranks
from workbench.report._spec import OutputSpec
from workbench.report.render import BEST, NOTHING, Bold, Table
from workbench.scores import Scores

# A method is among the best of a dataset if it is one of so many.
BEST_OF = 3


def build(run, inputs):
    """Return the table. inputs : ``scores``."""
    found = _ranks.ranking(run, Scores(inputs["scores"]))
    records = _records(found) if found.enough else []
    return Table(
        title="Mean ranks over datasets",
        columns=["Method", "Mean rank", "Behind the best", "Result", "Best", f"Among best {BEST_OF}"],
        align="lrrlrr",
        blocks=[(None, [_row(each) for each in records])],
        notes=[*_notes(found), *left_out(run, found)]
        if records
        else [_too_few(found), *left_out(run, found)],
        records=records,
    )


def _records(found):
    ranks = found.ranks
    places = (found.errors[:, :, None] > found.errors[:, None, :]).sum(axis=2)
    records = []
    for k, method in enumerate(found.methods):
        behind = float(ranks[k] - ranks.min())
        record = {"method": method.name, "title": method.title, "datasets": len(found.datasets)}
        record |= {"mean_rank": float(ranks[k]), "behind": behind, "worse": int(behind >= found.difference)}
        record |= {"best": int((places[:, k] == 0).sum()), "among_best": int((places[:, k] < BEST_OF).sum())}
        records.append(record | {"critical_difference": found.difference})
    return sorted(records, key=lambda record: record["mean_rank"])


def _row(record):
    first = record["behind"] == 0.0
    result = "lowest rank" if first else "clearly worse" if record["worse"] else "not clearly worse"
    rank = f"{record['mean_rank']:.2f}"
    cells = [
        Bold(f"{rank} {BEST}") if first else rank,
        NOTHING if first else f"{record['behind']:.2f}",
        result,
    ]
    return [record["title"], *cells, str(record["best"]), str(record["among_best"])]


def _notes(found):
    n, test = len(found.datasets), found.friedman
    text = "all errors are equal"
    if test is not None:
        text = (
            f"Friedman's χ² = {test.chi2:.1f}, p = {test.p:.2g}; by Iman and Davenport F = {test.f:.1f}, "
            f"p = {test.p_f:.2g}"
        )
    return [
        f"Rank of the mean test error among {len(found.methods)} methods on {n} datasets; 1 is the lowest, "
        "equal errors share their ranks. Controls do not compete.",
        f"That all methods are alike: {text}. Clearly worse: behind the lowest mean rank by more than "
        f"Nemenyi's critical difference at 5 %, {found.difference:.2f} (Demšar, 2006).",
        f"Best, among best {BEST_OF}: number of datasets.",
    ]


def _too_few(found):
    return (
        f"Not ranked: {len(found.methods)} methods have results on the same {len(found.datasets)} datasets; "
        f"ranks need {_ranks.MIN_METHODS} methods and {_ranks.MIN_DATASETS} datasets."
    )


def left_out(run, found):
    """Return sentences on the methods and datasets of a run that a ranking does not count."""
    total = len(found.datasets) + len(found.incomplete)
    same = [
        f"{run.title(name)} = {' = '.join(map(run.title, others))}" for name, others in found.same.items()
    ]
    few = [f"{run.title(name)} ({count} of {total})" for name, count in found.left_out.items()]
    texts = {
        "One method under several names, ranked once": same,
        "Not ranked, as they ran on fewer datasets": few,
        "Datasets without results of all these methods": [each.title for each in found.incomplete],
        "Not counted, as they differ from another dataset in one number": [
            each.title for each in found.varied
        ],
    }
    return [f"{text}: {', '.join(names)}." for text, names in texts.items() if names]


SPEC = OutputSpec("Ranks", "Tables", 7, build, reads=("scores",), applies=_ranks.may_rank)
