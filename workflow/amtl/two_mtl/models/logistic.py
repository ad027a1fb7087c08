"""Logistic regression: P(y = 1 | x, w) = 1 / (1 + exp(-x'w)) for labels 0 and 1."""

import numpy as np
from scipy.special import expit

from amtl.two_mtl.models._dense import DenseModel


class Logistic(DenseModel):
    """Logistic regression on the rows of all tasks.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Features.
    labels : ndarray of shape (n,)
        0 and 1.
    offsets : ndarray of shape (T + 1,)
        Task t has the rows offsets[t] to offsets[t + 1] - 1.
    """

    def __init__(self, X, labels, offsets):
        super().__init__(X, labels, offsets, 1)

    @staticmethod
    def _terms(scores, labels):
        """Return the log-likelihoods (n,) and their derivatives by the scores (n, 1)."""
        z = scores[:, 0]
        return labels * z - np.logaddexp(0.0, z), (labels - expit(z))[:, None]

    def probabilities(self, w, X):
        """Return the probabilities (n, 2) of the labels."""
        p = expit(X @ w)
        return np.column_stack([1.0 - p, p])

    def predict(self, w, X):
        """Return the labels (n,); a score of 0 gives 0."""
        return (X @ w > 0.0).astype(int)
