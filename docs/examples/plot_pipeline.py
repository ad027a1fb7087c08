"""
Pipelines and searches
======================

The task of each row is metadata for scikit-learn: once it is requested, pipelines, grid
searches and cross-validation hand it on. Splits of rows, scaling and polynomial
features then work as for any other estimator.
"""

import matplotlib.pyplot as plt
import numpy as np
import sklearn
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from amtl import AMTLRegressor, STLRegressor

sklearn.set_config(enable_metadata_routing=True)

rng = np.random.default_rng(0)
task = rng.integers(0, 5, size=200)
X = rng.normal(size=(200, 3))
slopes = 1.0 + 0.3 * rng.normal(size=(5, 3))
y = np.sum(X * slopes[task], axis=1) + X[:, 0] * X[:, 1] + rng.normal(size=200)


def pipeline(model):
    return make_pipeline(
        PolynomialFeatures(include_bias=False), StandardScaler(), model
    )


# %%
# A search over a step of the pipeline. ``task`` is given once, to ``fit``.
search = GridSearchCV(
    pipeline(AMTLRegressor()),
    {"polynomialfeatures__degree": [1, 2, 3]},
    cv=KFold(5, shuffle=True, random_state=0),
)
search.fit(X, y, task=task)
print(search.best_params_)

# %%
# Cross-validation of two pipelines, with R^2 as the score.
folds = KFold(10, shuffle=True, random_state=1)
scores = {}
for model in (STLRegressor(), AMTLRegressor()):
    steps = pipeline(model).set_params(**search.best_params_)
    scores[model.spec.title] = cross_validate(
        steps, X, y, cv=folds, params={"task": task}
    )["test_score"]

figure, axes = plt.subplots(figsize=(5, 3.6), layout="constrained")
for fold in range(10):
    axes.plot(
        [0, 1],
        [each[fold] for each in scores.values()],
        "o-",
        color="0.6",
        markersize=4,
    )
axes.plot(
    [0, 1],
    [each.mean() for each in scores.values()],
    "o-",
    color="#d55e00",
    linewidth=2,
    label="mean",
)
axes.set_xticks([0, 1], list(scores))
axes.set(xlim=(-0.3, 1.3), ylabel="R² on the test fold", title="Ten folds")
axes.legend(loc="lower right")
plt.show()
sklearn.set_config(enable_metadata_routing=False)
