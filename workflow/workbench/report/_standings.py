"""On each dataset: the method with the lowest error, and the methods that are not clearly worse."""

from dataclasses import dataclass

from amtl.ranks import EQUAL
from amtl.statistics import WORSE, compare_with
from workbench.report import _ranks
from workbench.report._variants import independent_datasets
from workbench.report.tables import _own as own
from workbench.report.tables._rows import BASELINE, has_baseline, twin

# With fewer there is no choice to explain.
MIN_DATASETS = MIN_METHODS = 3
GENERATED, REAL = "generated", "real"


@dataclass(frozen=True)
class Standing:
    """The competing methods on one dataset, the lowest mean error first; all dicts are by entry names.

    dataset : DatasetInfo. counts : whether it counts as a dataset of its own, and is no point of a curve.
    errors : {method: mean error}. percent : {method: its mean error minus STL's in % of STL's}, without STL's
    results empty. behind : {method: its error minus the lowest in % of that}. worse : the methods that are
    clearly worse than the best. splits : number of splits of the best method.
    """

    dataset: object
    counts: bool
    errors: dict
    percent: dict
    behind: dict
    worse: frozenset
    splits: int

    @property
    def kind(self):
        return GENERATED if self.dataset.has_truth else REAL

    @property
    def best(self):
        return next(iter(self.errors))

    @property
    def close(self):
        """The methods within `EQUAL` % of the best, without it."""
        return [name for name in self.errors if name != self.best and self.behind[name] <= EQUAL]

    @property
    def not_worse(self):
        """The methods that are not clearly worse than the best, with it; of one split all that are close."""
        if self.splits == 1:
            return [self.best, *self.close]
        return [name for name in self.errors if name not in self.worse]


def applies(run):
    """Return whether a run has enough datasets and methods to say which method is good on which data."""
    counts = len(independent_datasets(run)), len(run.methods_that(control=False))
    return own.applies(run) and counts[0] >= MIN_DATASETS and counts[1] >= MIN_METHODS and has_baseline(run)


def standings(run, scores, shared):
    """Return the `Standing` of every dataset with results of two methods, in the order of the run.

    scores : `Scores`. shared : {dataset: overlap of its splits}. A method under several names counts once.
    """
    others = {name for names in _ranks.same_methods(run, scores).values() for name in names}
    methods = [each.name for each in run.methods_that(control=False) if each.name not in others]
    independent = independent_datasets(run)
    found = []
    for dataset in run.datasets:
        metric = scores.primary_metric(dataset.name)
        errors = {name: scores.values(dataset.name, name, metric) for name in methods}
        for name in methods:
            same = twin(run, scores, dataset.name, name)
            if not errors[name] or (same is not None and errors.get(same.name)):
                del errors[name]
        if len(errors) > 1:
            found.append(_standing(dataset, dataset in independent, errors, shared[dataset.name]))
    return found


def _standing(dataset, counts, errors, overlap):
    means = {name: sum(values.values()) / len(values) for name, values in errors.items()}
    means = dict(sorted(means.items(), key=lambda item: item[1]))
    best = next(iter(means))
    rivals = {name: values for name, values in errors.items() if name != best}
    compared = compare_with(rivals, errors[best], overlap)
    alone = compare_with(errors, errors.get(BASELINE, {}), overlap)
    return Standing(
        dataset=dataset,
        counts=counts,
        errors=means,
        percent={name: each.percent for name, each in alone.items() if each.percent is not None},
        behind={
            name: 100 * (mean / means[best] - 1) if means[best] > 0 else 0.0 for name, mean in means.items()
        },
        worse=frozenset(name for name, each in compared.items() if each.verdict == WORSE),
        splits=len(errors[best]),
    )
