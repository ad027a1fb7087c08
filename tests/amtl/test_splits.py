"""A split: unusable ones are refused in one line that names the part and the task; twins are counted."""

from dataclasses import replace

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.splits import Part, Split, check_split, count_repeated


def part(rows, tasks, kind, width=3):
    """Return `rows` rows for each of `tasks` tasks."""
    X = np.arange(float(rows * tasks * width)).reshape(rows * tasks, width)
    if kind == "one-vs-rest":
        return Part(X, np.tile(np.arange(tasks), rows).astype(float))
    y = np.arange(rows * tasks) % 2 if kind == "binary" else np.linspace(-1.0, 1.0, rows * tasks)
    return Part(X, y.astype(float), rows * np.arange(tasks + 1))


def split(kind="regression", tasks=2):
    """Return a small valid split."""
    parts = {name: part(rows, tasks, kind) for name, rows in (("train", 4), ("validation", 2), ("test", 2))}
    names = tuple(f"t{t}" for t in range(tasks))
    return Split("made-up", 1, kind, names, truth=np.ones((3, tasks)), meta={"source": "here"}, **parts)


def with_value(array, row, value):
    changed = array.copy()
    changed[row] = value
    return changed


@pytest.mark.parametrize(
    ("kind", "name", "change", "words"),
    [
        ("regression", "train", {"X": lambda p: with_value(p.X, 3, np.nan)}, "train part: NaN .* in row 3"),
        (
            "regression",
            "test",
            {"y": lambda p: with_value(p.y, 1, np.inf)},
            "test part: NaN or infinite targets",
        ),
        ("regression", "test", {"X": lambda p: p.X[:, :2]}, "test part: features have shape"),
        ("regression", "train", {"y": lambda p: p.y[:-1]}, "train part: features have shape"),
        ("regression", "validation", {"offsets": lambda p: np.array([0, 4, 4])}, "task 't1' has no rows"),
        ("regression", "train", {"offsets": lambda p: np.array([0, 8])}, "train part: row offsets"),
        ("regression", "train", {"offsets": lambda p: None}, "train part: row offsets"),
        ("regression", "train", {"offsets": lambda p: np.array([1, 4, 8])}, "train part: row offsets"),
        ("regression", "train", {"offsets": lambda p: np.array([0, 4, 7])}, "train part: row offsets"),
        ("regression", "train", {"offsets": lambda p: np.array([0, 9, 8])}, "train part: task 't1'"),
        ("binary", "train", {"y": lambda p: p.y + 1.0}, "label 2 is outside the classes 0..1"),
        ("one-vs-rest", "test", {"y": lambda p: p.y + 1.0}, "label 2 is outside the classes 0..1"),
        ("one-vs-rest", "validation", {"y": lambda p: 0.0 * p.y}, "task 't1' has no rows"),
    ],
)
def test_an_unusable_part_is_refused(kind, name, change, words):
    sound = split(kind)
    old = getattr(sound, name)
    new = replace(old, **{key: make(old) for key, make in change.items()})
    with pytest.raises(InputError, match=words) as error:
        check_split(replace(sound, **{name: new}))
    assert "made-up split 1" in str(error.value) and "\n" not in str(error.value)


def test_a_part_without_rows_is_refused():
    empty = Part(np.empty((0, 3)), np.empty(0), np.array([0, 0, 0]))
    with pytest.raises(InputError, match="validation part"):
        check_split(replace(split(), validation=empty))


def test_an_unknown_kind_and_truth_of_another_shape_are_refused():
    with pytest.raises(InputError, match="'ranking'"):
        check_split(replace(split(), kind="ranking"))
    with pytest.raises(InputError, match=r"true weights .*\(2, 2\)"):
        check_split(replace(split(), truth=np.ones((2, 2))))


def test_two_tasks_of_one_name_or_the_name_of_the_aggregate_are_refused():
    bad = {"": "''", " ": "' '", "a\nb": r"a\\nb", "\x00": "x00", "\ud800": "ud800", 7: "7"}
    cases = [
        (("a", "a"), "'a'"),
        (("a", "all"), "'all'"),
        *((("a", task), name) for task, name in bad.items()),
    ]
    for tasks, name in cases:
        with pytest.raises(InputError, match=name):
            check_split(replace(split(), tasks=tasks))


@pytest.mark.parametrize("kind", ["regression", "binary", "one-vs-rest"])
def test_a_valid_split_is_accepted(kind):
    check_split(split(kind))


def test_twins_are_rows_of_the_same_task_target_and_features():
    X = np.array([[1.0, 2.0, 0.0], [3.0, 4.0, 0.0]])
    train = Part(X, np.array([5.0, 6.0]), np.array([0, 1, 2]))
    validation = Part(X[[0, 0]], np.array([5.0, 5.0]), np.array([0, 1, 2]))
    # The same up to rounding; another target; another feature; the validation part's second row.
    rows = np.array([X[0] * (1.0 + 1e-9), X[0], X[0] * 1.001, X[0]])
    test = Part(rows, np.array([5.0, 5.5, 5.0, 5.0]), np.array([0, 3, 4]))
    made = Split("made-up", 1, "regression", ("t0", "t1"), train, validation, test)
    assert count_repeated(made) == {"validation": 1, "test": 2}
    shared = [replace(part, offsets=None) for part in (train, validation, test)]
    made = Split("made-up", 1, "regression", ("t0", "t1"), *shared)
    assert count_repeated(made) == {"validation": 2, "test": 2}
