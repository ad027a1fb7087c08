"""Clusters of sequence tasks, generated: the tasks of a cluster have almost the same hidden Markov model."""

from amtl.datasets.task_clusters import make_sequence_clusters
from amtl.splits import PARTS, Split
from workbench.datasets._common import row_options
from workbench.datasets._sentences import make_part
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    "tasks": {"type": "integer", "minimum": 2, "default": 8, "description": "Number of tasks."},
    "clusters": {"type": "integer", "minimum": 1, "default": 2, "description": "Number of clusters."},
    "labels": {"type": "integer", "minimum": 2, "default": 4, "description": "Number of labels."},
    "words": {"type": "integer", "minimum": 2, "default": 50, "description": "Number of different words."},
    **row_options(20, 20, 100, "sentences per task"),
}


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): sentences of 5 to 10 words."""
    rows = {part: options[f"{part}_rows"] for part in PARTS}
    sizes = {key: options[key] for key in ("tasks", "clusters", "labels", "words")}
    drawn = make_sequence_clusters(
        index, seed, sentences=rows["train"] + rows["validation"], test_sentences=rows["test"], **sizes
    )
    classes = [f"L{k}" for k in range(sizes["labels"])]
    parts = {part: [] for part in PARTS}
    for X, y, X_test, y_test in zip(drawn.X, drawn.y, drawn.X_test, drawn.y_test, strict=True):
        own = [_sentence(*each) for each in zip(X, y, strict=True)]
        parts["train"].append(own[: rows["train"]])
        parts["validation"].append(own[rows["train"] :])
        parts["test"].append([_sentence(*each) for each in zip(X_test, y_test, strict=True)])
    meta = {
        "source": f"generated with seed {seed}: {sizes['tasks']} tasks in {sizes['clusters']} clusters",
        "note": f"{sizes['labels']} labels, {sizes['words']} words.",
        "group": (drawn.clusters + 1).tolist(),
        "similarity": drawn.similarity.tolist(),
        "classes": classes,
    }
    names = tuple(str(t + 1) for t in range(sizes["tasks"]))
    made = {part: make_part(of_task, classes) for part, of_task in parts.items()}
    return Split("sequence-clusters", index, SPEC.kind, names, **made, meta=meta)


def _sentence(tokens, labels):
    return [(tuple(token), label) for token, label in zip(tokens, labels, strict=True)]


SPEC = DatasetSpec(
    name="sequence-clusters",
    title="Sequence clusters (generated)",
    order=320,
    kind="sequence",
    make_split=make_split,
    options=OPTIONS,
    has_similarity=True,
)
