"""How likely a method is better than STL, or than AMTL, on a dataset like those of the run."""

from statistics import median

from amtl.random import generator
from amtl.ranks import EQUAL, PRIOR, signed_rank
from workbench.report import _ranks
from workbench.report._spec import OutputSpec
from workbench.report._variants import independent_datasets
from workbench.report.render import NOTHING, Bold, Table
from workbench.report.tables._own import signed
from workbench.report.tables._rows import REFERENCES, has_baseline, shown
from workbench.scores import Scores

# A probability above this is in bold.
SURE = 0.95


def build(run, inputs):
    """Return the table. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    references = [run.method(name) for name in REFERENCES if run.method(name)]
    datasets, rows, records = independent_datasets(run), [], []
    for method in shown(run):
        cells = []
        for reference in references:
            differences = _differences(scores, datasets, method.name, reference.name)
            record = {"method": method.name, "title": method.title, "reference": reference.name}
            if method.name == reference.name or len(differences) < _ranks.MIN_DATASETS:
                cells += [NOTHING] * 5
                continue
            chances = signed_rank(differences, generator(0, "signed rank", reference.name, method.name))
            record |= {"n": len(differences), "median": median(differences)}
            record |= dict(zip(("better", "equal", "worse"), chances, strict=True))
            records.append(record)
            cells += [str(record["n"]), signed(record["median"], 1), *map(_cell, chances)]
        if any(cell != NOTHING for cell in cells):
            rows.append([method.title, *cells])
    return Table(
        title="How likely a method is better over datasets",
        columns=["Method", *["n", "Median, %", "Better", "Equal", "Worse"] * len(references)],
        groups=[("", 1), *((f"Against {each.title}", 5) for each in references)],
        align="l" + "rrrrr" * len(references),
        blocks=[(None, rows)],
        notes=[
            "n: number of datasets on which both ran. Median: of the differences of the mean test errors, in "
            "% of the other's error; below 0 the method is better.",
            f"Better, equal, worse: probability that the error on a further dataset is lower by more than "
            f"{EQUAL:g} %, within {EQUAL:g} %, or higher, by the Bayesian signed-rank test (Benavoli et al., "
            f"2017; its prior weighs as {PRIOR:g} datasets without a difference). Bold: above {SURE:g}.",
            "It takes datasets as equally informative, whatever the number of their splits, and counts once "
            "those that differ in one number.",
        ],
        records=records,
    )


def _differences(scores, datasets, method, reference):
    """Return the mean error minus the reference's in % of it, for each dataset on which both ran."""
    pairs = [
        [_ranks.mean_error(scores, each.name, name) for name in (method, reference)] for each in datasets
    ]
    # NaN is not above 0, and neither is an error of which no percentage exists.
    return [100.0 * (mine - other) / other for mine, other in pairs if mine >= 0.0 and other > 0.0]


def _cell(chance):
    text = f"{chance:.2f}"
    return Bold(text) if chance > SURE else text


SPEC = OutputSpec(
    "Better or worse",
    "Tables",
    8,
    build,
    reads=("scores",),
    applies=lambda run: has_baseline(run) and len(independent_datasets(run)) >= _ranks.MIN_DATASETS,
)
