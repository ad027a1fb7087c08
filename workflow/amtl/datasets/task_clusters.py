"""Classification tasks in clusters, which show whether a method finds the related ones: tables and sequences.

Tables
    x ~ N(0, I), and the classes follow a logistic or softmax model with weights w_t = SIGNAL (u + DEVIATION
    e), where the direction u belongs to the cluster of the task and e to the task alone; both are N(0, I /
    d).
Sequences
    A hidden Markov model. The logarithms of its transition and emission probabilities are, up to a constant,
    N(0, SHARPNESS^2) tables of the cluster plus DEVIATION times tables of the task. Tokens are words, and the
    features of a token are the words at its place, before and after it.
"""

from dataclasses import dataclass

import numpy as np

from amtl.errors import InputError
from amtl.random import generator

SIGNAL, DEVIATION, SHARPNESS = 4.0, 0.2, 2.0


@dataclass(frozen=True)
class ClusteredTasks:
    """Training and test rows of T tasks, and what generated them.

    X, y, X_test, y_test : lists of one table or list of sentences, and its labels, per task. clusters : (T,).
    similarity : (T, T), 1 for two tasks of a cluster and 0 otherwise.
    """

    X: list
    y: list
    X_test: list
    y_test: list
    clusters: np.ndarray
    similarity: np.ndarray


def make_task_clusters(
    index, seed, *, tasks=20, clusters=4, rows=50, test_rows=500, features=20, classes=2, deviation=DEVIATION
):
    """Return tables of tasks in clusters, as `ClusteredTasks`.

    index : number of the draw. tasks, clusters : numbers of tasks and clusters. rows, test_rows : rows of a
    task.
    features, classes : numbers of features and classes. deviation : size of a task's own part of its weights.
    """
    group = _groups(tasks, clusters)
    K = 1 if classes == 2 else classes
    shape = features, K

    def weights(*axes):
        return generator(seed, "task-clusters", index, *axes).standard_normal(shape) / np.sqrt(features)

    made = {"train": [], "test": []}
    for t in range(tasks):
        W = SIGNAL * (weights("cluster", group[t]) + deviation * weights("task", t))
        for part, n in (("train", rows), ("test", test_rows)):
            random = generator(seed, "task-clusters", index, "rows", t, part)
            X = random.standard_normal((n, features))
            scores = X @ W
            if K == 1:
                scores = np.column_stack([np.zeros(n), scores])
            # The largest of the scores plus Gumbel noise has the probabilities of softmax.
            made[part].append((X, np.argmax(scores + random.gumbel(size=scores.shape), axis=1)))
    return _clustered(made, group)


def make_sequence_clusters(
    index, seed, *, tasks=8, clusters=2, sentences=20, test_sentences=100, length=10, labels=4, words=50,
    deviation=DEVIATION,
):  # fmt: skip
    """Return sentences of tasks in clusters, as `ClusteredTasks`.

    index : number of the draw. tasks, clusters : numbers of tasks and clusters. sentences, test_sentences :
    sentences of a task. length : largest number of tokens; the smallest is half of it. labels, words :
    numbers of
    labels and different words. deviation : size of a task's own part of its tables.
    """
    group = _groups(tasks, clusters)

    def tables(*axes):
        random = generator(seed, "sequence-clusters", index, *axes)
        return random.standard_normal((labels, labels)), random.standard_normal((labels, words))

    made = {"train": [], "test": []}
    for t in range(tasks):
        of_cluster, own = tables("cluster", group[t]), tables("task", t)
        moves, emissions = (
            _probabilities(SHARPNESS * (one + deviation * other))
            for one, other in zip(of_cluster, own, strict=True)
        )
        for part, n in (("train", sentences), ("test", test_sentences)):
            random = generator(seed, "sequence-clusters", index, "rows", t, part)
            drawn = [_draw_sentence(random, moves, emissions, length) for _ in range(n)]
            made[part].append(([_features(sentence) for sentence, _ in drawn], [tags for _, tags in drawn]))
    return _clustered(made, group)


def _groups(tasks, clusters):
    if not 1 <= clusters <= tasks:
        raise InputError(f"{clusters} clusters of {tasks} tasks; give 1 to {tasks} clusters")
    return np.arange(tasks) * clusters // tasks


def _probabilities(logarithms):
    p = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def _draw_sentence(random, moves, emissions, length):
    labels, words = emissions.shape
    label, sentence, tags = int(random.integers(labels)), [], []
    for _ in range(int(random.integers((length + 1) // 2, length + 1))):
        sentence.append(int(random.choice(words, p=emissions[label])))
        tags.append(f"L{label}")
        label = int(random.choice(labels, p=moves[label]))
    return sentence, tags


def _features(sentence):
    """Return the words at, before and after every token, as lists of texts."""
    padded = ["begin", *sentence, "end"]
    return [
        [f"word={padded[i]}", f"before={padded[i - 1]}", f"after={padded[i + 1]}"]
        for i in range(1, len(sentence) + 1)
    ]


def _clustered(made, group):
    (X, y), (X_test, y_test) = (map(list, zip(*made[part], strict=True)) for part in ("train", "test"))
    return ClusteredTasks(X, y, X_test, y_test, group, (group[:, None] == group).astype(float))
