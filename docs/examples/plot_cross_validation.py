"""
Choose the strengths by cross-validation
========================================

AMTL has two strengths: ``lam``, of the coupling of the tasks, and ``mu``, of the prices
of edges. The form with the ending CV goes along a grid that is made from the data,
judges each point on folds within every task, and fits all rows at the best one.
``grid_`` says what happened at each point.
"""

import matplotlib.pyplot as plt
import numpy as np

from amtl import AMTLRegressorCV

rng = np.random.default_rng(0)
common = rng.normal(size=10)
Xs = [rng.normal(size=(25, 10)) for _ in range(6)]
ys = [
    X @ (common + 0.3 * rng.normal(size=10)) + (1 + t) * rng.normal(size=25)
    for t, X in enumerate(Xs)
]

model = AMTLRegressorCV(n_points=60, cv=5).fit(Xs, ys)
print(
    "chosen:", {name: float(f"{value:.3g}") for name, value in model.strengths_.items()}
)

# %%
# A point's color is its mean RMSE on the validation folds. Where the best point lies at
# an end of the grid, points are added beyond it.
lam, mu, error = np.transpose(
    [
        (each["params"]["lam"], each["params"]["mu"], each["validation_metric"])
        for each in model.grid_
    ]
)
best = model.best_index_
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
points = axes.scatter(
    lam, mu, c=error, s=90, cmap="viridis_r", vmax=np.quantile(error, 0.9)
)
axes.scatter(
    lam[best], mu[best], s=300, facecolors="none", edgecolors="#d55e00", linewidths=2
)
axes.set(
    xscale="log",
    yscale="log",
    xlabel="lam",
    ylabel="mu",
    title="The chosen point is circled",
)
figure.colorbar(points, label="validation RMSE", extend="max")
plt.show()
