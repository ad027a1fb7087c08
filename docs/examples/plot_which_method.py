"""
Which method when
=================

Methods differ in what they believe about the tasks. Here are four kinds of tasks, and
the test error of some methods in percent of that of single-task learning (STL): below
100 a method gains from the other tasks, above 100 it loses.

* *Alike*: all tasks have nearly the same weights. One model for all tasks is hard to
  beat.
* *Same features*: all tasks use the same few features with weights of their own. This
  is what MTFL assumes.
* *Two groups*: the weights of a task agree with those of its group alone. AMTL and SMTL
  learn a graph between tasks; that of SMTL is symmetric.
* *Unrelated*: no task can help another. A safe method comes close to 100.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

from amtl import compare, summarize

warnings.simplefilter("ignore")  # some points of so short a path do not converge
METHODS = {
    "Pooled": "pooled",
    "MTFL": "mtfl",
    "SMTL": "smtl",
    "AMTL": "amtl",
    "stl": "stl",
}
TASKS, FEATURES, ROWS = 6, 12, 24
rng = np.random.default_rng(1)


def weights(kind):
    own = rng.normal(size=(TASKS, FEATURES))
    if kind == "alike":
        return own[0] + 0.2 * own
    if kind == "same features":
        return 2.0 * own * (np.arange(FEATURES) < 3)
    if kind == "two groups":
        return own[np.arange(TASKS) // 3] + 0.2 * own
    return own


def percent_of_stl(kind):
    Xs = [rng.normal(size=(ROWS, FEATURES)) for _ in range(TASKS)]
    noise = np.where(np.arange(TASKS) % 2, 3.0, 0.7)
    rows = zip(Xs, weights(kind), noise, strict=True)
    ys = [X @ w + s * rng.normal(size=ROWS) for X, w, s in rows]
    summary = summarize(
        compare(Xs, ys, methods=METHODS, splits=3, n_points=9, cv=3, tol=1e-3)
    )
    return 100 + summary["percent"]


# %%
# Each cell is the mean over three random splits.
kinds = ["alike", "same features", "two groups", "unrelated"]
results = [percent_of_stl(kind) for kind in kinds]

shown = list(METHODS)[:-1]
values = np.array([[each[name] for name in shown] for each in results])
figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
image = axes.imshow(values, cmap="RdBu_r", vmin=60, vmax=140, aspect="auto")
axes.set_xticks(range(len(shown)), shown)
axes.set_yticks(range(len(kinds)), kinds)
axes.set(xlabel="method", ylabel="tasks")
for (row, column), value in np.ndenumerate(values):
    color = "white" if abs(value - 100) > 28 else "black"
    axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=color)
figure.colorbar(image, label="error in % of STL", extend="both")
plt.show()
