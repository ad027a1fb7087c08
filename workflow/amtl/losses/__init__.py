"""Losses of a set of linear tasks, on own rows of each task or on rows that all tasks share.

Each object holds the data of T tasks and has the same methods of weights W (d, T):

``value(W)``
    the summed loss S_t(w_t) of every task, shape (T,);
``value_and_gradient(W)``
    the same, and the gradients (d, T): column t is the gradient of S_t at w_t;
``curvature(W)``
    the second derivatives. For own rows the exact Hessians (T, d, d). For shared rows a pair (kappa (T,),
    (gamma (d,), U (d, d))) that stands for kappa_t * U diag(gamma) U', exact for the squared loss;
``hessians(W)``
    the exact Hessians (T, d, d);
``hessian_product(W)``
    the function V -> (H_t v_t)_t of directions V (d, T), with the Hessians H_t at W, without making them
    where they are large; ``hessian_diagonal(W)`` their diagonals (d, T);
``conjugate(W, scale)``
    (logistic) the convex conjugates (T,) of the losses as functions of the scores, at `scale` (0 to 1) times
    their gradient at W. The duality gap needs them. For the squared loss they follow from its value, its
    gradient and ``rest``, the part (T,) of the loss that no weights lower;
``features(rows)``
    the same loss with some of the features, where the weights of all others are zero.

``within(L)`` returns the loss of W = L S as a function of the codes S (k, T), for columns L (d, k): an object
with ``value_and_gradient(S)`` and ``hessians(S)``.

The attribute ``shared`` says which of the two it is.
"""

from amtl.errors import InputError, nearest
from amtl.losses.logistic import LogisticOwn, LogisticShared
from amtl.losses.squared import SquaredOwn, SquaredShared

# Loss name to its classes for own and for shared rows.
LOSSES = {"squared": (SquaredOwn, SquaredShared), "logistic": (LogisticOwn, LogisticShared)}


def make_loss(name, shared, X, Y):
    """Return the loss object of a set of tasks.

    Parameters
    ----------
    name : str
        A key of `LOSSES`.
    shared : bool
        Whether all tasks share their rows.
    X, Y : arrays or lists of arrays
        As for `amtl.problem.MultiTaskProblem`.

    Raises
    ------
    InputError
        If there is no loss called `name`.
    """
    if name not in LOSSES:
        raise InputError(f"unknown loss {name!r}{nearest(name, LOSSES)}")
    return LOSSES[name][bool(shared)](X, Y)
