"""The relation of the tasks that a fit holds, as one matrix, whatever the method has learned."""

import numpy as np

from amtl.recovery import correlations

# What a method may learn about the relation of tasks, as `MethodInfo.learns` names it: the name of the array
# in its fits, and the function of the array that returns the relation (T, T). Of several the first counts.
RELATIONS = {
    "clusters": ("clusters", lambda labels: (labels[:, None] == labels).astype(float)),
    "graph": ("B", lambda B: B),
    "covariance": ("covariance", correlations),
    "cluster_matrix": ("cluster_matrix", lambda M: M),
}


def learned(method):
    """Return the name in `RELATIONS` of what a method learns about the relation of tasks, or None.

    method : a `MethodInfo`.
    """
    return next((name for name in RELATIONS if name in method.learns), None)


def relation(method, arrays):
    """Return the relation (T, T) that a fit has learned, row s and column t from task s to task t, or None.

    arrays : those of the fit.
    """
    name = learned(method)
    array, read = RELATIONS[name] if name else (None, None)
    return read(np.asarray(arrays[array])) if array in arrays else None
