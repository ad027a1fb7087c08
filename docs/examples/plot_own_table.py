"""
Your own table
==============

A pandas table with a column of tasks needs no preparation: features are standardized,
and coefficients come back in their own units. The table is scikit-learn's diabetes
data: ten measurements of 442 patients and the progression of their disease a year
later. Tasks are age groups, of which the oldest has few patients.
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import load_diabetes

from amtl import AMTLRegressorCV, STLRegressorCV

table = load_diabetes(as_frame=True, scaled=False).frame
table["group"] = pd.cut(
    table["age"], [0, 35, 45, 55, 65, 99], labels=["-35", "-45", "-55", "-65", "66-"]
)
X, y, group = (
    table.drop(columns=["target", "group", "age"]),
    table["target"],
    table["group"].astype(str),
)
print(group.value_counts().sort_index())

models = {
    "STL": STLRegressorCV().fit(X, y, group),
    "AMTL": AMTLRegressorCV(n_points=20).fit(X, y, group),
}

# %%
# The coefficients of the features, one line per age group. AMTL makes them similar,
# above all in small groups.
figure, panels = plt.subplots(1, 2, figsize=(8, 3.8), sharey=True, layout="constrained")
for axes, (name, model) in zip(panels, models.items(), strict=True):
    scaled = pd.DataFrame(model.coef_, model.tasks_, model.feature_names_in_) * X.std()
    for task, line in scaled.iterrows():
        axes.plot(line, "o-", label=task)
    axes.axhline(0, color="0.6", linewidth=0.8)
    axes.set(title=name, xlabel="feature")
panels[0].set_ylabel("change per standard deviation")
panels[1].legend(title="age", fontsize=8)
plt.show()

# %%
# Predictions need the group of each patient.
print(models["AMTL"].predict(X[:3], group[:3]).round())
