"""
Compare methods
===============

`compare` tunes and tests methods on the same random splits, and returns one row per
method, split and task. `summarize` says which method wins, by how much, and whether the
difference from single-task learning is real.
"""

import matplotlib.pyplot as plt
import numpy as np

from amtl import compare, summarize

rng = np.random.default_rng(0)
common = rng.normal(size=10)
noise = [0.5, 0.5, 4.0, 4.0, 4.0, 4.0]  # two easy tasks, four hard ones
Xs = [rng.normal(size=(24, 10)) for _ in noise]
ys = [
    X @ (common + 0.2 * rng.normal(size=10)) + s * rng.normal(size=24)
    for X, s in zip(Xs, noise, strict=True)
]

methods = ["mean", "stl", "mtfl", "pooled", "smtl", "amtl"]
frame = compare(Xs, ys, methods=methods, splits=5, n_points=12, cv=3)
frame.head(3)

# %%
# The means, and the tests against STL. The result holds at 5 % for all methods together
# (Holm's method), so a p just below 0.05 is no clear difference.
summary = summarize(frame)
summary[["error", "difference", "percent", "p", "result"]].round(3)

# %%
# The same as a picture, with 95 % intervals of the difference.
rivals = summary.drop(index="stl")
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
places = np.arange(len(rivals))[::-1]
halves = [
    rivals["difference"] - rivals["difference_low"],
    rivals["difference_high"] - rivals["difference"],
]
left.errorbar(rivals["difference"], places, xerr=halves, fmt="o", capsize=4)
left.axvline(0, color="0.6", linewidth=0.8)
left.set_yticks(places, rivals.index)
left.set(xlabel="RMSE minus that of STL", title="All tasks")
# Which tasks gain?
means = frame.groupby(["method", "task"])["value"].mean().unstack()
gains = means.loc["stl"] - means.loc["amtl"]
right.bar(
    [
        f"{'easy' if s < 1 else 'hard'}\n{task}"
        for task, s in zip(gains.index, noise, strict=True)
    ],
    gains,
)
right.axhline(0, color="0.6", linewidth=0.8)
right.set(ylabel="gain in RMSE", title="AMTL, by task")
plt.show()
