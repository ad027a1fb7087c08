"""
Many tasks
==========

With more than 300 tasks AMTL solves its graph over candidate edges, and ``graph_`` may
be a sparse array. Here 600 tasks are in 20 groups, half of the tasks are noisy, and
each has twice as many rows as features. It needs numba: ``pip install
amtl[many-tasks]``.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.sparse import coo_array

from amtl import AMTLRegressor, STLRegressor

T, d, n = 600, 30, 60
rng = np.random.default_rng(0)
group, noisy = np.arange(T) % 20, rng.random(T) < 0.5
W = rng.normal(size=(20, d))[group] + 0.2 * rng.normal(size=(T, d))
Xs = rng.normal(size=(T, n, d))
ys = np.einsum("tnd,td->tn", Xs, W) + np.where(noisy, 5.0, 0.5)[:, None] * rng.normal(
    size=(T, n)
)


def error(model):
    """Return the distance of each task's weights from the true ones."""
    return np.linalg.norm(model.coef_ - W, axis=1) / np.linalg.norm(W, axis=1)


def inside(model):
    """Return the share of the edges' weight within the groups."""
    edges = coo_array(model.graph_)
    source, target = edges.coords
    return edges.data[group[source] == group[target]].sum() / edges.data.sum()


alone = STLRegressor().fit(list(Xs), list(ys))
default = AMTLRegressor(max_iter=200, tol=1e-4).fit(list(Xs), list(ys))

# %%
# The more tasks there are, the more of them resemble a task by chance. The default
# prices of edges are then too low, and so is lam. Both are in ``strengths_``; try
# multiples of them. Higher prices also make fits faster: a task has fewer edges.
found = {}
for factor in (1, 10, 30, 100):
    lam, mu = 10 * default.strengths_["lam"], factor * default.strengths_["mu"]
    found[mu] = AMTLRegressor(lam=lam, mu=mu, max_iter=200, tol=1e-4)
    found[mu].fit(list(Xs), list(ys))

figure, panels = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
for axes, tasks, title in zip(
    panels, (noisy, ~noisy), ("noisy tasks", "other tasks"), strict=True
):
    errors = [error(model)[tasks].mean() for model in found.values()]
    axes.plot(list(found), errors, "o-", label="AMTL, 10 times lam")
    lines = {"single tasks": alone, "AMTL, default strengths": default}
    for (label, model), color in zip(lines.items(), ("0.5", "#d55e00"), strict=True):
        axes.axhline(error(model)[tasks].mean(), color=color, ls="--", label=label)
    axes.set(xscale="log", xlabel="mu, price of an edge", title=title, ylim=(0, None))
panels[0].set_ylabel("relative error of the weights")
panels[0].legend(loc="lower left")
plt.show()

# %%
# Noisy tasks gain much; the others lose, because lam is their ridge weight too. The
# edges, and the share of their weight within the true groups:
for mu, model in found.items():
    count = coo_array(model.graph_).nnz / T
    print(
        f"mu {mu:8.0f}: {count:5.1f} edges per task, {inside(model):.0%} within groups"
    )
