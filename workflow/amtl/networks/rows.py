"""The rows of several tasks as one array, shared or padded to the same number."""

import numpy as np


class TaskRows:
    """Features and targets of T tasks.

    Parameters
    ----------
    X : ndarray of shape (n, d), or list of T arrays of shape (n_t, d)
        Rows that all tasks share, or the rows of each task.
    y : list of T arrays of shape (n,) or (n_t,)
        Targets of each task.

    Attributes
    ----------
    X : ndarray of shape (1, n, d) or (T, max n_t, d)
        Features; rows beyond those of a task are zero.
    targets : ndarray of shape (T, n) or (T, max n_t)
        Targets, zero beyond those of a task.
    n : ndarray of shape (T,)
        Rows of each task.
    """

    def __init__(self, X, y):
        self.shared = not isinstance(X, list)
        self.n = np.array([len(each) for each in y])
        if self.shared:
            self.X, self.targets = np.ascontiguousarray(X)[None], np.array(y, dtype=float)
            return
        self.X = np.zeros((len(X), self.n.max(), X[0].shape[1]))
        self.targets = np.zeros(self.X.shape[:2])
        for t, (rows, values) in enumerate(zip(X, y, strict=True)):
            self.X[t, : len(rows)], self.targets[t, : len(rows)] = rows, values

    @property
    def n_tasks(self):
        """Number of tasks T."""
        return len(self.targets)

    @property
    def n_features(self):
        """Number of features d."""
        return self.X.shape[2]

    def batches(self, random, steps, size):
        """Yield (X (1 or T, b, d), targets (T, b)) for each of `steps` steps.

        Rows come in random order, all before any comes again. Every task has b rows in each step, the
        smaller of `size` and its largest number of rows; a task with fewer rows repeats them more often.
        """
        size = min(size, int(self.n.max()))
        if self.shared:
            order = _repeated(random, int(self.n[0]), steps * size).reshape(steps, size)
            for rows in order:
                yield self.X[:, rows], self.targets[:, rows]
            return
        order = np.stack([_repeated(random, int(n), steps * size) for n in self.n])
        tasks = np.arange(self.n_tasks)[:, None]
        for k in range(steps):
            rows = order[:, k * size : (k + 1) * size]
            yield self.X[tasks, rows], self.targets[tasks, rows]

    def by_task(self, values):
        """Return the values (T, n, ...) of each task's own rows, a list of T arrays."""
        return [each[:n] for each, n in zip(values, self.n, strict=True)]

    def means(self, values):
        """Return the means (T,) of values (T, n) over each task's own rows; zero for a task without rows."""
        own = np.arange(values.shape[1]) < self.n[:, None]
        return np.where(own, values, 0.0).sum(axis=1) / np.maximum(self.n, 1)


def _repeated(random, n, count):
    """Return `count` of the numbers 0 to n - 1: one random order of all after the other."""
    return np.concatenate([random.permutation(n) for _ in range(-(-count // n))])[:count]
