"""From a user's rows to the problem that a method solves, and from its weights back to the user's units.

The features are standardized by all training rows together and, where a method does not look at single
features, expressed in an orthogonal basis of the rows if they are fewer than the features. The constant
column is appended. For a free intercept and the squared loss the targets of every task are centred, which
changes nothing but the digits that an offset would cost.
"""

import numpy as np

from amtl.problem import MultiTaskProblem


class Features:
    """The map from a user's features to those of the problem, fitted on training rows `X` (n, d).

    standardize : whether every feature has mean 0 and variance 1 afterwards; a constant one becomes 0.
    reduce : whether rows fewer than features are expressed in a basis of their span.
    """

    def __init__(self, X, standardize, reduce):
        d = X.shape[1]
        self.mean, self.scale = np.zeros(d), np.ones(d)
        if standardize:
            self.mean = X.mean(axis=0)
            deviation = X.std(axis=0)
            # Rounding leaves a constant feature a deviation of about its size times the unit roundoff.
            constant = deviation <= 1e-12 * np.maximum(np.abs(self.mean), 1e-300)
            self.mean[constant], self.scale = X[0, constant], np.where(constant, 1.0, deviation)
        self.basis = None
        if reduce and len(X) < d:
            self.basis = np.linalg.qr(((X - self.mean) / self.scale).T)[0]

    def transform(self, X):
        """Return the features (n, d' + 1) of the problem, the constant last."""
        Z = (X - self.mean) / self.scale
        if self.basis is not None:
            Z = Z @ self.basis
        return np.column_stack([Z, np.ones(len(Z))])

    def coefficients(self, W, has_intercept):
        """Return (coef (T, d), intercept (T,)) in the user's units of weights W (d' [+ 1], T)."""
        weights = W[:-1] if has_intercept else W
        if self.basis is not None:
            weights = self.basis @ weights
        coef = weights.T / self.scale
        intercept = W[-1] if has_intercept else np.zeros(W.shape[1])
        return coef, intercept - coef @ self.mean


def rows_by_task(codes, n_tasks):
    """Return the sorted positions of the rows of every task; codes : (n,) the task of each row."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.searchsorted(codes[order], np.arange(1, n_tasks)))


class Targets:
    """The targets of the problem, and what has to be added to its intercepts.

    y : (n,) or (n, T) targets. codes : (n,) task of each row, or None for shared rows. offsets : (T,).
    """

    def __init__(self, y, codes, n_tasks, centre):
        self.codes, self.n_tasks = codes, n_tasks
        self.y = y.astype(float)
        self.offsets = np.zeros(n_tasks)
        if centre:
            columns = self.y if self.y.ndim == 2 else self.y[:, None]
            if codes is None:
                self.offsets = columns.mean(axis=0)
                self.y = self.y - (self.offsets if self.y.ndim == 2 else self.offsets[0])
            else:
                rows = rows_by_task(codes, n_tasks)
                means = [self.y[own].mean() for own in rows if len(own)]
                # As `MultiTaskProblem.fill_intercepts`.
                self.offsets = np.full(n_tasks, np.mean(means))
                self.offsets[[len(own) > 0 for own in rows]] = means
                self.y = self.y - self.offsets[codes]

    def problem(self, Z, rows, **given):
        """Return the `MultiTaskProblem` of features Z (n, d) on some `rows`, a sorted array of positions."""
        if self.codes is None:
            Y = self.y[rows]
            return MultiTaskProblem(Z[rows], Y if Y.ndim == 2 else Y[:, None], **given)
        of = [rows[own] for own in rows_by_task(self.codes[rows], self.n_tasks)]
        return MultiTaskProblem([Z[each] for each in of], [self.y[each] for each in of], **given)
