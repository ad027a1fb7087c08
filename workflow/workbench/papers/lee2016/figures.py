"""Which dataset and which methods the paper's figures show."""

# Figures 1 (a) to (e) show the generated data, Figures 2 and 3 MNIST: names of built-in datasets.
SYNTHETIC, MNIST = "synthetic", "mnist"
# Figures 1 (d), 1 (e) and 2 show errors relative to single-task learning.
BASELINE = "stl"
# Figures 1 (b) and 1 (c): whose weights and graph.
LEARNER = "amtl"
# Figures 1 (d) and 2: whose gains, task by task.
COMPARED = ("go-mtl", "amtl")
# Figure 1 (e): whose order of training.
CURRICULUM = "amtl-curriculum"
# Figure 3, one panel each.
GRAPHS = ("amtl", "amtl-curriculum")


def first_split(run):
    """Return the one split that the parts of Figure 1 read."""
    return {SYNTHETIC: [1]}


def learned(run):
    """Return the one fit that Figures 1 (b) and 1 (c) show."""
    return {SYNTHETIC: {LEARNER: [1]}}


def has_learned(run):
    """Return whether `run` has the fit that `learned` names."""
    return bool(fitted(run, SYNTHETIC, LEARNER))


def fitted(run, dataset, *methods):
    """Return those of `methods` that `run` has and fits on `dataset`; ablations do not count."""
    names = [method.name for method in run.methods]
    return [name for name in methods if name in names and run.splits_of(dataset, name)]
