"""
Along the path of strengths
===========================

`strength_path` gives the strengths that a method can have on some data, the strongest
first: from weights near zero to almost unpenalized ones. Fits along the path show what
a strength does.
"""

import matplotlib.pyplot as plt
import numpy as np

from amtl import MTFLRegressor, STLRegressor, strength_path

rng = np.random.default_rng(0)
W = rng.normal(size=(4, 8)) * (np.arange(8) < 3)  # three of eight features matter
Xs = [rng.normal(size=(30, 8)) for _ in W]
ys = [X @ w + rng.normal(size=30) for X, w in zip(Xs, W, strict=True)]

figure, panels = plt.subplots(1, 2, figsize=(8, 3.6), sharey=True, layout="constrained")
for axes, model in zip(
    panels, (STLRegressor(), MTFLRegressor(learn="select")), strict=True
):
    path = strength_path(model, Xs, ys, n_points=30)
    name = list(model.spec.hyperparameters)[0]
    coefs = np.array(
        [model.set_params(**point).fit(Xs, ys).coef_ for point in path]
    )  # (points, T, d)
    strengths = [point[name] for point in path]
    for feature in range(8):
        matters = feature < 3
        style = {
            "color": "#0072b2" if matters else "0.6",
            "zorder": 2 if matters else 1,
        }
        axes.plot(strengths, np.linalg.norm(coefs[:, :, feature], axis=1), **style)
    axes.set(xscale="log", xlabel=name, title=model.spec.title)
    axes.invert_xaxis()
panels[0].set_ylabel("norm of a feature over the tasks")
panels[1].plot([], [], color="#0072b2", label="matters")
panels[1].plot([], [], color="0.6", label="does not")
panels[1].legend(title="feature")
plt.show()

# %%
# Single-task learning (STL) shrinks all features alike. MTFL, which here selects
# features, keeps those that matter for many tasks, and drops the others for all tasks
# together.
