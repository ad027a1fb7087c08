"""
The graph of the paper in fifteen lines
=======================================

Figure 1 (c) of Lee et al. (2016): twelve regression tasks in two groups, the first six
and the last six. In each group three tasks are easy and three are hard, because their
targets have more noise. AMTL does not know the groups or the noise. In the graph that
it learns all edges leave easy tasks, and most of their weight stays within a group.
"""

import matplotlib.pyplot as plt
import numpy as np

from amtl import AMTLRegressorCV

rng = np.random.default_rng(0)
W = rng.normal(5, 1, size=(12, 20))  # the weights of a task are a row
W[:6, 10:] = 0  # the first group uses ten of the features
noise = np.tile(np.repeat([5.0, 25.0], 3), 2)  # easy, hard, easy, hard
Xs = [rng.normal(size=(30, 20)) for _ in W]
ys = [Xs[t] @ W[t] + noise[t] * rng.normal(size=30) for t in range(12)]

model = AMTLRegressorCV().fit(Xs, ys)

tasks = [f"{t + 1} {'easy' if scale < 10 else 'hard'}" for t, scale in enumerate(noise)]
figure, axes = plt.subplots(layout="constrained")
figure.colorbar(axes.imshow(model.graph_, cmap="Greys"), label="weight of the edge")
axes.set(xlabel="to task", xticks=range(12), xticklabels=range(1, 13))
axes.set(ylabel="from task", yticks=range(12), yticklabels=tasks)
