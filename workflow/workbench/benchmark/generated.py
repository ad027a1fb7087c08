"""Problems of any size: groups of related tasks, half of them easy and half of them noisy."""

import numpy as np

from amtl.random import generator

# Standard deviation of a task's weights around those of its group, relative to theirs.
WITHIN_GROUP_SD = 0.3
# Standard deviations of the noise of easy and of noisy tasks, where the scores have variance one.
EASY_NOISE_SD, NOISY_NOISE_SD = 0.3, 1.5


def weights(rng, n_tasks, d, groups):
    """Return (d, T) weights of length about one; task t belongs to group t mod `groups`."""
    centres = rng.standard_normal((d, groups))
    W = centres[:, np.arange(n_tasks) % groups] + WITHIN_GROUP_SD * rng.standard_normal((d, n_tasks))
    return W / np.sqrt(d)


def own_rows(n_tasks, d, n, loss, groups, seed=0):
    """Return the arrays of T tasks with `n` rows each; the last of the `d` features is constant.

    A label of the logistic loss is 1 where the noisy score is positive.
    """
    return next(_draws(n_tasks, d, n, loss, groups, seed))


def training_and_validation(n_tasks, d, n, loss, groups, seed=0):
    """Return the arrays of `own_rows`, and those of as many other rows of the same tasks."""
    draws = _draws(n_tasks, d, n, loss, groups, seed)
    return next(draws), next(draws)


def _draws(n_tasks, d, n, loss, groups, seed):
    """Yield arrays of rows, always of the same tasks."""
    rng = generator(seed, "benchmark", n_tasks, d, n, loss, groups)
    W = weights(rng, n_tasks, d, groups)
    while True:
        yield _rows(rng, W, n, loss, groups)


def _rows(rng, W, n, loss, groups):
    d, n_tasks = W.shape
    X = rng.standard_normal((n_tasks * n, d))
    X[:, -1] = 1.0
    task = np.repeat(np.arange(n_tasks), n)
    noise = np.where(np.arange(n_tasks) // groups % 2, NOISY_NOISE_SD, EASY_NOISE_SD)
    scores = np.matmul(X.reshape(n_tasks, n, d), W.T[:, :, None]).ravel()
    y = scores + noise[task] * rng.standard_normal(len(X))
    y = (y > 0.0).astype(float) if loss == "logistic" else y
    return {"X": X, "y": y, "offsets": np.arange(0, n_tasks * n + 1, n), "loss": loss}


def classes(n_classes, per_class, components, seed=0):
    """Return the arrays of a one-vs-rest problem shaped like AWA's features after a PCA.

    The scales of the components decay like those of image features. There are `n_classes` classes of
    `per_class` rows, grouped around ten super-classes. The last feature is constant.
    """
    rng = generator(seed, "benchmark", "classes", n_classes, per_class, components)
    scales = np.arange(1, components + 1) ** -0.5
    parents = rng.standard_normal((10, components))
    centres = parents[np.arange(n_classes) % 10] + rng.standard_normal((n_classes, components))
    label = np.repeat(np.arange(n_classes), per_class)
    X = (0.5 * centres[label] + rng.standard_normal((len(label), components))) * scales
    X = np.column_stack([X, np.ones(len(X))])
    return {"X": X, "Y": (label[:, None] == np.arange(n_classes)).astype(float), "loss": "logistic"}


def correlated(n_tasks, d, n, used, seed=0):
    """Return the arrays of T tasks on shared rows; neighbouring features have correlation 0.9.

    All tasks use the same `used` features.
    """
    rng = generator(seed, "benchmark", "correlated", n_tasks, d, n)
    X = rng.standard_normal((n, d))
    for j in range(1, d):
        X[:, j] = 0.9 * X[:, j - 1] + np.sqrt(1.0 - 0.9**2) * X[:, j]
    W = np.zeros((d, n_tasks))
    W[rng.permutation(d)[:used]] = rng.standard_normal((used, n_tasks)) / np.sqrt(used)
    return {"X": X, "Y": X @ W + rng.standard_normal((n, n_tasks)), "loss": "squared"}
