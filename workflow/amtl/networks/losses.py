"""Losses of tasks of several kinds at the outputs of one network.

Every task has a squared loss (a number), a logistic loss (a label 0 or 1) or a softmax loss (a class). Losses
are means over rows. The squared loss has no factor 1/2.
"""

import numpy as np

REGRESSION, BINARY = 0, 2


class TaskLosses:
    """The losses of T tasks.

    Parameters
    ----------
    classes : sequence of int
        For each task 0 for a number, 2 for a label 0 or 1, or its number of classes (3 or more).

    Attributes
    ----------
    width : int
        Outputs that every task has: the largest number of outputs that a task needs. A task of numbers or
        labels uses the first one.
    """

    def __init__(self, classes):
        self.classes = np.asarray(classes)
        self.regression = self.classes == REGRESSION
        self.width = int(max(np.where(self.classes > BINARY, self.classes, 1)))
        self._squared = _places(self.regression)
        self._logistic = _places(self.classes == BINARY)
        self._softmax = _places(self.classes > BINARY)
        unused = np.arange(self.width) >= self.classes[self.classes > BINARY][:, None]
        self._unused = unused[:, None, :] if unused.any() else None

    def __len__(self):
        return len(self.classes)

    def values_and_slopes(self, outputs, targets):
        """Return (losses (T,), derivatives (T, n, width) in the outputs).

        outputs : (T, n, width). targets : (T, n), numbers, labels or numbers of classes.
        """
        n = outputs.shape[1]
        slopes = np.zeros(outputs.shape)
        losses = self.of_rows(outputs, targets, slopes).mean(axis=1)
        slopes /= n
        return losses, slopes

    def of_rows(self, outputs, targets, slopes=None):
        """Return the losses of all rows (T, n); fill in their derivatives `slopes`, if given."""
        losses = np.empty(outputs.shape[:2])
        if self._squared is not None:
            difference = outputs[self._squared, :, 0] - targets[self._squared]
            losses[self._squared] = difference**2
            if slopes is not None:
                slopes[self._squared, :, 0] = 2.0 * difference
        if self._logistic is not None:
            scores, labels = outputs[self._logistic, :, 0], targets[self._logistic]
            losses[self._logistic] = np.logaddexp(0.0, scores) - labels * scores
            if slopes is not None:
                slopes[self._logistic, :, 0] = _sigmoid(scores) - labels
        if self._softmax is not None:
            logs = self._log_probabilities(outputs[self._softmax])
            tasks, rows = np.arange(len(logs))[:, None], np.arange(logs.shape[1])
            chosen = tasks, rows, targets[self._softmax].astype(np.intp)
            losses[self._softmax] = -logs[chosen]
            if slopes is not None:
                slope = np.exp(logs)
                slope[chosen] -= 1.0
                slopes[self._softmax] = slope
        return losses

    def _log_probabilities(self, scores):
        if self._unused is not None:
            scores = np.where(self._unused, -np.inf, scores)
        shifted = scores - scores.max(axis=2, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))

    def predictions(self, outputs):
        """Return numbers, labels or classes (T, n) from outputs (T, n, width)."""
        found = outputs[..., 0].copy()
        if self._logistic is not None:
            found[self._logistic] = found[self._logistic] > 0.0
        if self._softmax is not None:
            found[self._softmax] = self._log_probabilities(outputs[self._softmax]).argmax(axis=2)
        return found


def _places(mask):
    """Return the positions as a slice where they follow each other, which copies nothing; None if none."""
    found = np.flatnonzero(mask)
    if len(found) == 0:
        return None
    first, last = int(found[0]), int(found[-1])
    return slice(first, last + 1) if last - first + 1 == len(found) else found


def _sigmoid(scores):
    return 0.5 * (1.0 + np.tanh(0.5 * scores))
