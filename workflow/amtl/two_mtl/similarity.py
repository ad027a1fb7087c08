"""Similarities A (T, T) of tasks from their weights: A_tt = 1, and A_tt' >= 0 says how much task t learns
from the rows of task t'.

The off-diagonal entries of RBF, Poly and Cor are divided by C, which so tunes the strength of sharing, and
negative ones become 0: the rows of a task that is unlike another one are not held against it.

X. Sun et al., second-order adaptive multi-task learning (2MTL), equations 3.19 to 3.21.
"""

import numpy as np

from amtl.errors import InputError, nearest

SIMILARITIES = ("rbf", "poly", "cor", "identity", "ones")


def similarity(W, kind, C=1.0, width=None, degree=1, largest=None):
    """Return the similarities of tasks with weights W.

    Parameters
    ----------
    W : ndarray of shape (T, p)
        The weights, without those of constant features.
    kind : {"rbf", "poly", "cor", "identity", "ones"} or ndarray of shape (T, T)
        RBF exp(-||w_t - w_t'||^2 / (2 width^2)), Poly (w_t'w_t' / (||w_t|| ||w_t'||))^degree, Cor the
        correlation of the entries of w_t and w_t'. `identity` is learning of single tasks, `ones` that of
        all rows together. A matrix is returned as it is.
    C : float
        Divisor of the off-diagonal entries of RBF, Poly and Cor. Below 1 the rows of other tasks may count
        more than own ones.
    width : float, optional
        The width of RBF. By default half the median distance of two tasks.
    degree : int
        The degree of Poly.
    largest : int, optional
        Keep so many off-diagonal entries of every row of RBF, Poly and Cor, the largest ones.

    Returns
    -------
    ndarray of shape (T, T)
        A[t, s] is the weight of the rows of task s in the objective of task t.
    """
    T = len(W)
    if not isinstance(kind, str):
        return checked_matrix(kind, T)
    if kind == "identity":
        return np.eye(T)
    if kind == "ones":
        return np.ones((T, T))
    if kind not in SIMILARITIES:
        raise InputError(f"unknown similarity {kind!r}{nearest(kind, SIMILARITIES)}")
    if kind == "rbf":
        A = _rbf(W, width)
    else:
        V = W - W.mean(axis=1, keepdims=True) if kind == "cor" else W
        sizes = np.linalg.norm(V, axis=1)
        V = V / np.where(sizes > 0.0, sizes, 1.0)[:, None]
        A = V @ V.T if kind == "cor" else (V @ V.T) ** degree
    A = np.clip((A + A.T) / 2.0, 0.0, 1.0) / C
    np.fill_diagonal(A, 1.0)
    return A if largest is None else _sparse(A, largest)


def _rbf(W, width):
    squares = np.einsum("tp,tp->t", W, W)
    distances = np.maximum(squares[:, None] + squares - 2.0 * W @ W.T, 0.0)
    if width is None:
        others = np.sqrt(distances[~np.eye(len(W), dtype=bool)])
        width = 0.5 * np.median(others) if len(others) else 1.0
    # Tasks with the same weights are alike at any width.
    return np.exp(-distances / (2.0 * width**2)) if width > 0.0 else (distances == 0.0).astype(float)


def _sparse(A, largest):
    """Keep the diagonal and the `largest` other entries of every row; ties go to the first tasks."""
    off = np.where(np.eye(len(A), dtype=bool), -1.0, A)
    kept = np.argsort(-off, axis=1, kind="stable")[:, :largest]
    found = np.eye(len(A))
    np.put_along_axis(found, kept, np.take_along_axis(A, kept, axis=1), axis=1)
    np.fill_diagonal(found, 1.0)
    return found


def checked_matrix(A, T):
    """Return A as an array (T, T) of finite numbers that are not negative; raise InputError otherwise."""
    try:
        A = np.array(A, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("similarity must be a name or a table of numbers") from None
    if A.shape != (T, T):
        raise InputError(f"similarity has shape {A.shape}, but there are {T} tasks; give ({T}, {T})")
    if not np.isfinite(A).all() or (A < 0.0).any():
        row, column = np.argwhere(~(np.isfinite(A) & (A >= 0.0)))[0]
        raise InputError(
            f"similarity[{row}, {column}] is {A[row, column]}; give finite numbers of at least 0"
        )
    return A
