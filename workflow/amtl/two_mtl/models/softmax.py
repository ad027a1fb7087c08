"""Softmax (multinomial logistic regression): P(y = k | x, W) = exp(x'w_k) / sum_j exp(x'w_j)."""

import numpy as np
from scipy.special import logsumexp

from amtl.two_mtl.models._dense import DenseModel


class Softmax(DenseModel):
    """Softmax on the rows of all tasks, with a column of weights for every class.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Features.
    labels : ndarray of shape (n,)
        Classes 0 to n_classes - 1.
    offsets : ndarray of shape (T + 1,)
        Task t has the rows offsets[t] to offsets[t + 1] - 1.
    n_classes : int
        Number of classes.
    """

    def __init__(self, X, labels, offsets, n_classes):
        super().__init__(X, labels, offsets, n_classes)

    @staticmethod
    def _terms(scores, labels):
        """Return the log-likelihoods (n,) and their derivatives by the scores (n, K)."""
        log_p = scores - logsumexp(scores, axis=1, keepdims=True)
        rows = np.arange(len(labels))
        residuals = -np.exp(log_p)
        residuals[rows, labels] += 1.0
        return log_p[rows, labels], residuals

    def probabilities(self, w, X):
        """Return the probabilities (n, K) of the classes."""
        scores = X @ w.reshape(self.shape)
        return np.exp(scores - logsumexp(scores, axis=1, keepdims=True))

    def predict(self, w, X):
        """Return the most probable classes (n,); ties go to the first."""
        return np.argmax(X @ w.reshape(self.shape), axis=1)
