"""
Read a graph
============

``graph_[s, t]`` is the weight of the edge from task s to task t: how much the weights
of s take part in those of t. A column tells from whom a task learns, a row to whom it
gives. A task that is learned well gives; a task with a large loss receives.
"""

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from amtl import AMTLRegressor

# Two groups of clinics. In each the first has precise measurements, the others do not.
noise = {
    "Aachen": 0.3,
    "Bonn": 3.0,
    "Cologne": 3.0,
    "Dresden": 0.3,
    "Erfurt": 3.0,
    "Fulda": 3.0,
}
rng = np.random.default_rng(3)
west, east = rng.normal(size=(2, 8))
Xs, ys = {}, {}
for k, (clinic, scale) in enumerate(noise.items()):
    w = (west if k < 3 else east) + 0.2 * rng.normal(size=8)
    Xs[clinic] = rng.normal(size=(20, 8))
    ys[clinic] = Xs[clinic] @ w + scale * rng.normal(size=20)

model = AMTLRegressor().fit(Xs, ys)

# %%
# As a table: the strongest edges.
strongest = sorted(np.ndenumerate(model.graph_), key=lambda edge: -edge[1])[:5]
for (s, t), weight in strongest:
    print(f"{model.tasks_[s]:8} -> {model.tasks_[t]:8} {weight:.2f}")

# %%
# As a picture: `to_networkx` gives the graph to networkx, which draws it and knows
# measures such as centrality. Weak edges are left out, and the width of an edge is its
# weight.
graph = model.to_networkx(threshold=0.05)
widths = [4 * graph.edges[edge]["weight"] for edge in graph.edges]
precise = ["#0072b2" if noise[clinic] < 1 else "#d55e00" for clinic in graph]

figure, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
options = {
    "node_size": 2600,
    "node_color": precise,
    "font_color": "white",
    "font_size": 9,
}
nx.draw_networkx(
    graph, nx.circular_layout(graph), ax=axes, width=widths, arrowsize=18, **options
)
axes.set_title("Blue: precise clinics, orange: noisy ones")
axes.margins(0.15)
axes.axis("off")
plt.show()
