"""The relation of the tasks that a fit holds, as one matrix, whatever the method has learned."""

import numpy as np

from amtl.pairs import nearest
from amtl.recovery import correlations, cosines
from amtl.splits import LABEL_KINDS

# What a method may learn about the relation of tasks, as `MethodInfo.learns` names it, and the name of the
# array in its fits. Of several the first counts.
RELATIONS = {
    "clusters": "clusters",
    "graph": "B",
    "covariance": "covariance",
    "cluster_matrix": "cluster_matrix",
    "similarity": "similarity",
}


def learned(method):
    """Return the name in `RELATIONS` of what a method learns about the relation of tasks, or None.

    method : a `MethodInfo`.
    """
    return next((name for name in RELATIONS if name in method.learns), None)


def relation(method, arrays, tasks=None):
    """Return the relation (T, T) that a fit has learned, row s and column t from task s to task t, or None.

    arrays : those of the fit. tasks : (T,) the numbers of some of the tasks; all if None.
    """
    name = learned(method)
    array = arrays.get(RELATIONS[name]) if name else None
    if array is None:
        return None
    tasks = np.arange(array.shape[-1]) if tasks is None else tasks
    if name == "clusters":
        return (array[tasks][:, None] == array[tasks]).astype(float)
    found = array[tasks][:, tasks]
    # The graph of many tasks is sparse.
    found = found.toarray() if hasattr(found, "toarray") else found
    return correlations(found) if name == "covariance" else found


# --- who gains from whom ------------------------------------------------------------------------------------

# Neighbours of a task in the graph of nearest weights.
NEIGHBOURS = 3
# What else may tell who gains from whom: {key: title}.
AGAIN, TRUE, ALONE, NEAREST = "gains again", "true weights", "weights alone", "nearest weights"
CONTROLS = {
    AGAIN: "Gains on another split",
    TRUE: "True weights, cosine",
    ALONE: "Weights of each task alone, cosine",
    NEAREST: f"Weights of each task alone, {NEIGHBOURS} nearest",
}


def learners(run, dataset):
    """Return the methods of a run that have learned a relation of the tasks of a dataset."""
    return [m for m in run.methods if learned(m) and run.splits_of(dataset, m.name)]


def learner_datasets(run):
    """Return the datasets with linear tasks on which a method of the run has learned a relation."""
    return [each for each in run.datasets if each.kind not in LABEL_KINDS and learners(run, each.name)]


def learner_fits(run):
    """Return {dataset: {method: split numbers}} of the fits with a relation."""
    names = [each.name for each in learner_datasets(run)]
    return {d: {m.name: run.splits_of(d, m.name) for m in learners(run, d)} for d in names}


def pair_splits(run):
    """Return {dataset: split numbers} of the gains of pairs that are compared with relations."""
    return {each.name: list(range(1, each.splits + 1)) for each in learner_datasets(run)}


def gains_and_relations(run, inputs, dataset, truths):
    """Return ({split: gains (T, T)}, {(method or key of `CONTROLS`): {split: relation (T, T)}}).

    They are those of a sample of many tasks (`amtl.pairs.sample_of`).

    inputs : ``pairs`` and ``fits``. truths : {split: true weights (p, T)}, empty where there are none.
    """
    pairs = {k: inputs["pairs"][dataset, k] for k in pair_splits(run)[dataset]}
    gains = {k: each["gains"] for k, each in pairs.items()}
    splits = list(gains)
    found = {AGAIN: {k: gains[following] for k, following in zip(splits, splits[1:], strict=False)}}
    found[TRUE] = {k: cosines(truth[:, pairs[k]["tasks"]]) for k, truth in truths.items()}
    found[ALONE] = {k: cosines(each["W"][:-1]) for k, each in pairs.items()}
    found[NEAREST] = {k: nearest(each["W"][:-1], NEIGHBOURS) for k, each in pairs.items()}
    for method in learners(run, dataset):
        relations = {
            k: relation(method, inputs["fits"].arrays(dataset, method.name, k), pairs[k]["tasks"])
            for k in run.splits_of(dataset, method.name)
            if k in pairs
        }
        found[method.name] = {k: each for k, each in relations.items() if each is not None}
    return gains, {name: each for name, each in found.items() if each}
