"""The ranking of a run's methods over its datasets, which a table and a figure show."""

from dataclasses import dataclass

import numpy as np

from amtl.ranks import complete_part, critical_difference, friedman, mean_ranks
from workbench.report._variants import independent_datasets
from workbench.report.tables._rows import twin

# Fewer datasets say nothing about datasets in general, and fewer methods need no ranking.
MIN_DATASETS, MIN_METHODS = 5, 3


@dataclass(frozen=True)
class Ranking:
    """The competing methods of a run on the datasets on which all of them ran.

    methods, datasets : in the order of the run. errors : (datasets, methods), means over the splits.
    same : {method: the same method under other names}, which are not in `methods`; by entry names.
    left_out : {method: number of datasets} of methods that ran on too few of them; by entry names.
    incomplete : datasets on which some of `methods` did not run. varied : those that only vary another one.
    """

    methods: list
    datasets: list
    errors: np.ndarray
    same: dict
    left_out: dict
    incomplete: list
    varied: list

    @property
    def enough(self):
        return len(self.methods) >= MIN_METHODS and len(self.datasets) >= MIN_DATASETS

    @property
    def ranks(self):
        """Mean rank of each method (m,); 1 is the smallest error on all datasets."""
        return mean_ranks(self.errors)

    @property
    def difference(self):
        """The critical difference of mean ranks at 5 %."""
        return critical_difference(len(self.datasets), len(self.methods))

    @property
    def friedman(self):
        return friedman(self.errors)


def may_rank(run):
    """Return whether a run may have enough datasets and methods; results on them may still be missing."""
    counts = len(independent_datasets(run)), len(run.methods_that(control=False))
    return counts[0] >= MIN_DATASETS and counts[1] >= MIN_METHODS


def ranking(run, scores):
    """Return the `Ranking` of a run. scores : `Scores`."""
    datasets = independent_datasets(run)
    same = same_methods(run, scores)
    others = {name for each in same.values() for name in each}
    methods = [each for each in run.methods_that(control=False) if each.name not in others]
    errors = np.array([[mean_error(scores, d.name, m.name) for m in methods] for d in datasets])
    errors = errors.reshape(len(datasets), len(methods))
    present = np.isfinite(errors)
    rows, columns = complete_part(present)
    return Ranking(
        methods=[methods[k] for k in columns],
        datasets=[datasets[k] for k in rows],
        errors=errors[np.ix_(rows, columns)],
        same=same,
        left_out={m.name: int(present[:, k].sum()) for k, m in enumerate(methods) if k not in columns},
        incomplete=[d for k, d in enumerate(datasets) if k not in rows],
        varied=[d for d in run.datasets if d not in datasets],
    )


def same_methods(run, scores):
    """Return {method: other names of it}, by entry names; each is named by the first one of the run.

    Two methods are one if their specs say so (`MethodInfo.identity`), or if they have the same fits on all
    datasets on which they ran.
    """
    first = {}
    for method in run.methods_that(control=False):
        twin_name = _twin_everywhere(run, scores, method.name)
        key = method.identity or method.name
        first[method.name] = first.get(twin_name) or next(
            (first[m.name] for m in run.methods if m.name in first and (m.identity or m.name) == key),
            method.name,
        )
    found = {}
    for name, other in first.items():
        if name != other:
            found.setdefault(other, []).append(name)
    return found


def _twin_everywhere(run, scores, method):
    """Return the one method with the same fits on all datasets, or None."""
    datasets = [each.name for each in run.datasets if run.splits_of(each.name, method)]
    twins = [twin(run, scores, name, method) for name in datasets]
    names = {each and each.name for each in twins}
    return names.pop() if len(names) == 1 else None


def mean_error(scores, dataset, method):
    """Return the mean test error over the splits, NaN without any."""
    values = scores.values(dataset, method, scores.primary_metric(dataset)).values()
    return sum(values) / len(values) if values else np.nan
