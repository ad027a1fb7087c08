"""
The graph of the paper in fifteen lines
=======================================

Figure 1 (c) of Lee et al. (2016): twelve regression tasks in two groups, the first six and the last six. In each
group three tasks are easy and three are hard, because their targets have more noise. AMTL is told neither the groups
nor the noise. In the graph that it learns all edges leave easy tasks, and most of their weight stays within a group.
"""

import matplotlib.pyplot as plt
import numpy as np

from amtl import AMTLRegressorCV

rng = np.random.default_rng(0)
W = rng.normal(5, 1, size=(12, 20))  # the weights of a task are a row
W[:6, 10:] = 0  # the first group uses ten of the features
noise = np.tile(np.repeat([5.0, 25.0], 3), 2)  # easy, hard, easy, hard
Xs = [rng.normal(size=(30, 20)) for _ in W]
ys = [X @ w + s * rng.normal(size=30) for X, w, s in zip(Xs, W, noise, strict=True)]

model = AMTLRegressorCV().fit(Xs, ys)

figure, axes = plt.subplots(figsize=(5, 4), layout="constrained")
image = axes.imshow(model.graph_, cmap="Greys")
names = [f"{'easy' if s < 10 else 'hard'} {k + 1}" for k, s in enumerate(noise)]
axes.set_xticks(range(12), names, rotation=90)
axes.set_yticks(range(12), names)
axes.set(xlabel="to task", ylabel="from task", title="Graph that AMTL learns")
figure.colorbar(image, label="weight of the edge")
plt.show()
