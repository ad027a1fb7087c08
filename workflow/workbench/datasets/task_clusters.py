"""Clusters of classification tasks, generated: the tasks of a cluster have almost the same weights."""

import numpy as np

from amtl.datasets.task_clusters import make_task_clusters
from amtl.splits import PARTS, Part, Split
from workbench.datasets._common import row_options, with_constant
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    "tasks": {"type": "integer", "minimum": 2, "default": 20, "description": "Number of tasks."},
    "clusters": {"type": "integer", "minimum": 1, "default": 4, "description": "Number of clusters."},
    "features": {"type": "integer", "minimum": 1, "default": 20, "description": "Number of features."},
    "classes": {
        "type": "integer",
        "minimum": 2,
        "default": 2,
        "description": "Number of classes; with 2 the tasks are binary, and linear methods apply too.",
    },
    **row_options(30, 30, 300, "per task"),
}


def kind_of(options):
    """Return the kind of the tasks."""
    return "binary" if options["classes"] == 2 else "multiclass"


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): the features and the constant."""
    rows = {part: options[f"{part}_rows"] for part in PARTS}
    sizes = {key: options[key] for key in ("tasks", "clusters", "features", "classes")}
    made = make_task_clusters(
        index, seed, rows=rows["train"] + rows["validation"], test_rows=rows["test"], **sizes
    )
    cut = rows["train"]
    drawn = {
        "train": [(X[:cut], y[:cut]) for X, y in zip(made.X, made.y, strict=True)],
        "validation": [(X[cut:], y[cut:]) for X, y in zip(made.X, made.y, strict=True)],
        "test": list(zip(made.X_test, made.y_test, strict=True)),
    }
    parts = {
        part: Part(
            with_constant(np.concatenate([X for X, _ in of_task])),
            np.concatenate([y for _, y in of_task]).astype(float),
            np.arange(len(of_task) + 1) * rows[part],
        )
        for part, of_task in drawn.items()
    }
    meta = {
        "source": f"generated with seed {seed}: {sizes['tasks']} tasks in {sizes['clusters']} clusters",
        "note": f"{sizes['classes']} classes.",
        "group": (made.clusters + 1).tolist(),
        "similarity": made.similarity.tolist(),
        "classes": [str(k) for k in range(sizes["classes"])],
    }
    names = tuple(str(t + 1) for t in range(sizes["tasks"]))
    return Split("task-clusters", index, kind_of(options), names, **parts, meta=meta)


SPEC = DatasetSpec(
    name="task-clusters",
    title="Task clusters (generated)",
    order=300,
    kind="binary",
    kind_of=kind_of,
    make_split=make_split,
    options=OPTIONS,
    has_similarity=True,
)
