"""
One task per class: digits
==========================

Labels of several classes on shared rows make one task per class: this class against the
rest. The data are scikit-learn's digits, pictures of 8 x 8 pixels, of which 100 train.
All pixels have the same unit, so they are not standardized.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from amtl import MTFLClassifierCV, STLClassifierCV

X, y = load_digits(return_X_y=True)
train, test = train_test_split(
    np.arange(len(y)), train_size=100, stratify=y, random_state=0
)

for make in (STLClassifierCV, MTFLClassifierCV):
    model = make(n_points=12, cv=3, standardize=False, tol=1e-4).fit(X[train], y[train])
    right = 100 * model.score(X[test], y[test])
    print(f"{model.spec.title:4} {right:.1f} % of {len(test)} test digits are right")

# %%
# Each of these classes does as well alone (STL) as with features that all classes share
# (MTFL): compare methods before you choose one. ``coef_`` has a row of weights per
# class, here those of MTFL as pictures. Red pixels speak for the digit, blue ones
# against it.
figure, panels = plt.subplots(2, 5, figsize=(8, 3.6), layout="constrained")
limit = abs(model.coef_).max()
for axes, digit, weights in zip(panels.flat, model.classes_, model.coef_, strict=True):
    picture = axes.imshow(weights.reshape(8, 8), cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes.set(title=str(digit), xticks=[], yticks=[])
figure.colorbar(picture, ax=panels, label="weight of the pixel", shrink=0.8)
plt.show()

# %%
# Probabilities of the ten classes sum to one.
print(model.predict_proba(X[test[:1]]).round(2), "is", y[test[0]])
