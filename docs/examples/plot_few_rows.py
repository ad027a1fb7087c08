"""
Tasks with few rows
===================

A task with few rows can borrow from tasks with many. Here one task has from 3 to 48
rows and its five relatives have 60 each. Single-task learning (STL) knows nothing with
so few rows. One model for all tasks (Pooled) never becomes better than the relatives
are alike. AMTL borrows while there are few rows, and less with more.
"""

import matplotlib.pyplot as plt
import numpy as np

from amtl import AMTLRegressor, PooledRegressor, STLRegressor

rng = np.random.default_rng(0)
common = rng.normal(size=8)
W = common + 0.3 * rng.normal(size=(6, 8))
X_test = rng.normal(size=(500, 8))
sizes = [3, 6, 12, 24, 48]
models = [STLRegressor(), PooledRegressor(), AMTLRegressor()]


def mean_error(model, size, repeats=8):
    """Return the mean test RMSE of the small task over several draws."""
    errors = []
    for seed in range(repeats):
        draw = np.random.default_rng(seed)
        Xs = [draw.normal(size=(n, 8)) for n in (size, 60, 60, 60, 60, 60)]
        ys = [X @ w + draw.normal(size=len(X)) for X, w in zip(Xs, W, strict=True)]
        small = model.fit(Xs, ys).predict({0: X_test})[0]
        errors.append(np.sqrt(np.mean((small - X_test @ W[0]) ** 2)))
    return np.mean(errors)


figure, axes = plt.subplots(figsize=(6, 3.8), layout="constrained")
for model, marker in zip(models, "os^", strict=True):
    axes.plot(
        sizes,
        [mean_error(model, size) for size in sizes],
        f"{marker}-",
        label=model.spec.title,
    )
axes.set(
    xscale="log",
    xlabel="rows of the small task",
    ylabel="its error (RMSE without noise)",
)
axes.set_xticks(sizes, sizes)
axes.minorticks_off()
axes.legend()
plt.show()
