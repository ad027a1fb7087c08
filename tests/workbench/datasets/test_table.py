"""A user's table: formats, kinds of targets, features and parts; only training rows teach anything."""

import re

import numpy as np
import pytest

from amtl.splits import check_split
from helpers.datasets import load
from helpers.own_tables import lines, options, regression_rows, split_of, write
from workbench.datasets import table as own
from workbench.datasets._tables import read, roles


def facts_of(split):
    return {column["name"]: column for column in split.meta["table"]["columns"]}


def features(split):
    return [name for name, column in facts_of(split).items() if column["use"] == "feature"]


@pytest.fixture
def plain(tmp_path):
    """The split of a small regression in a CSV file with commas and points."""
    return split_of(write(tmp_path / "plain.csv", regression_rows()))


def same_rows(first, second):
    return all(
        np.allclose(getattr(first, part).X, getattr(second, part).X)
        and np.allclose(getattr(first, part).y, getattr(second, part).y)
        for part in ("train", "validation", "test")
    )


# --- formats ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(";", ","), (";", "."), ("\t", "."), ("\t", ","), ("|", ".")]
)
def test_delimiter_and_decimal_mark_are_recognised(tmp_path, plain, delimiter, decimal):
    path = write(tmp_path / "t.txt", regression_rows(), delimiter=delimiter, decimal=decimal)
    assert same_rows(split_of(path), plain)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_encoding_is_recognised(tmp_path, encoding):
    columns = regression_rows()
    columns["task"] = ["Süd" if name == "s1" else name for name in columns["task"]]
    path = tmp_path / "t.csv"
    path.write_bytes("\r\n".join([*lines(columns), ""]).encode(encoding))
    assert set(split_of(path).tasks) == {"s2", "s3", "Süd"}


def test_decimal_commas_in_quotation_marks(tmp_path, plain):
    columns = regression_rows()
    columns["a"] = [f'"{value}"'.replace(".", ",") for value in columns["a"]]
    assert same_rows(split_of(write(tmp_path / "t.csv", columns)), plain)


@pytest.mark.parametrize("suffix", ["parquet", "xlsx", "npz", "arff"])
def test_formats_give_the_same_split(tmp_path, plain, suffix):
    import pandas as pd

    columns, path = regression_rows(), tmp_path / f"t.{suffix}"
    if suffix == "npz":
        X = np.column_stack([columns["a"], columns["b"]])
        np.savez(path, X=X, feature_names=["a", "b"], y=columns["y"], task=columns["task"])
    elif suffix == "arff":
        head = ["% a comment", "@RELATION t", "@attribute 'task' {s1,s2,s3}", "@attribute a numeric"]
        head += ['@attribute "b" real', "@attribute y numeric", "@DATA"]
        path.write_text("\n".join([*head, *lines(columns)[1:]]), encoding="utf-8")
    elif suffix == "xlsx":
        pytest.importorskip("openpyxl")
        pd.DataFrame(columns).to_excel(path, index=False)
    else:
        pytest.importorskip("pyarrow")
        pd.DataFrame(columns).to_parquet(path)
    assert same_rows(split_of(path), plain)


def test_a_column_of_row_numbers_without_a_name_is_left_out(tmp_path):
    columns = {"": list(range(36)), **regression_rows()}
    split = split_of(write(tmp_path / "t.csv", columns))
    assert features(split) == ["a", "b"] and facts_of(split)["column 1"]["use"] == "left out"


# --- kinds ------------------------------------------------------------------------------------------------


def kind_of(tmp_path, values, **given):
    columns = regression_rows() | {"y": values}
    return own.kind_of(options(write(tmp_path / "t.csv", columns), **given))


def test_the_kind_follows_from_target_and_task(tmp_path):
    classes = ["u", "v", "w"] * 12
    assert kind_of(tmp_path, regression_rows()["y"]) == "regression"
    assert kind_of(tmp_path, ["no", "yes"] * 18) == kind_of(tmp_path, [0, 1] * 18) == "binary"
    assert kind_of(tmp_path, classes, task=None) == "one-vs-rest"
    assert kind_of(tmp_path, [1, 2, 3] * 12, task=None) == "one-vs-rest"
    assert kind_of(tmp_path, [1, 2, 3] * 12) == "regression"


def test_binary_labels_keep_their_shares_in_all_parts(tmp_path):
    columns = regression_rows(2, 40)
    columns["y"] = (["no"] * 30 + ["yes"] * 10) * 2
    split = split_of(write(tmp_path / "t.csv", columns))
    check_split(split)
    for part in (split.train, split.validation, split.test):
        for start, end in zip(part.offsets[:-1], part.offsets[1:], strict=True):
            assert part.y[start:end].mean() == pytest.approx(0.25, abs=0.1)


def test_classes_share_their_rows(tmp_path):
    columns = regression_rows()
    columns["y"] = ["v", "u", "w"] * 12
    del columns["task"]
    split = split_of(write(tmp_path / "t.csv", columns), task=None)
    check_split(split)
    assert split.kind == "one-vs-rest" and split.tasks == ("u", "v", "w") and split.train.offsets is None


def test_small_classes_are_left_out_by_name(tmp_path):
    columns = regression_rows()
    columns["y"] = ["v", "u"] * 17 + ["rare", "rare"]
    split = split_of(write(tmp_path / "t.csv", columns), task=None)
    assert split.tasks == ("u", "v") and split.meta["table"]["small"] == {"rare": 2}
    assert "rare (2)" in split.meta["note"]


# --- features ---------------------------------------------------------------------------------------------


def test_columns_that_should_not_be_features_are_left_out_and_named(tmp_path):
    columns = regression_rows()
    columns |= {
        "row_id": range(100, 136),
        "name": [f"n{k}" for k in range(36)],
        "same": [3] * 36,
        "empty": [""] * 36,
        "day": [f"2024-01-{k % 28 + 1:02}" for k in range(36)],
        "copy": [2 * value + 1 for value in columns["y"]],
        "a2": columns["a"],
    }
    split = split_of(write(tmp_path / "t.csv", columns))
    facts = facts_of(split)
    assert features(split) == ["a", "b", "a2"]
    assert "'a'" in facts["a2"]["findings"][0] and "target" in facts["copy"]["findings"][0]
    for name, word in (
        ("row_id", "identifier"),
        ("same", "same value"),
        ("day", "date"),
        ("empty", "no values"),
    ):
        assert word in facts[name]["findings"][0]


def test_the_same_values_in_another_order_are_no_copy(tmp_path):
    columns = regression_rows()
    columns |= {"c": columns["a"][::-1]}
    assert not facts_of(split_of(write(tmp_path / "t.csv", columns)))["c"]["findings"]


def test_numbers_among_other_texts_are_called_so(tmp_path):
    rows = regression_rows(rows=36)
    rows["b"] = ["<0.1" if k % 4 == 0 else k / 7 for k in range(len(rows["y"]))]
    facts = facts_of(split_of(write(tmp_path / "t.csv", rows)))
    assert "'<0.1'" in facts["b"]["findings"][0] and "81 numbers" in facts["b"]["findings"][0]


def test_the_class_under_another_name_is_left_out(tmp_path):
    columns = regression_rows()
    columns["y"] = ["v", "u", "w"] * 12
    columns["code"] = [2, 1, 3] * 12
    assert "code" not in features(split_of(write(tmp_path / "t.csv", columns), task=None))


@pytest.mark.parametrize("classes", [2, 3])
def test_a_number_that_separates_the_classes_is_named(tmp_path, classes):
    columns = regression_rows()
    ranks = np.argsort(np.argsort(columns["y"]))
    levels = np.array(["low", "middle", "high"])[ranks * classes // len(ranks)]
    overlapping = np.where(ranks == ranks.max(), columns["y"].min() - 1.0, columns["y"])
    columns |= {"y": levels, "score": columns["y"], "nearly": overlapping}
    facts = facts_of(split_of(write(tmp_path / "t.csv", columns), task="task" if classes == 2 else None))
    assert facts["score"]["use"] == "feature" and "separates the classes" in facts["score"]["findings"][0]
    assert not facts["nearly"]["findings"]


def test_a_named_feature_is_used_although_it_is_suspicious(tmp_path):
    path = write(tmp_path / "t.csv", {**regression_rows(), "row": range(36)})
    assert features(split_of(path)) == ["a", "b"]
    assert features(split_of(path, features=["r*", "a"])) == ["a", "row"]
    assert features(split_of(path, drop="b")) == ["a"]


def test_a_pattern_matches_names_literally(tmp_path):
    columns = regression_rows() | {"x[1]*": range(5, 41), "x[2]": [k * k for k in range(36)]}
    path = write(tmp_path / "t.csv", columns)
    assert features(split_of(path, features="x[*")) == ["x[1]*", "x[2]"]
    assert features(split_of(path, features="x[1]*")) == ["x[1]*"]


def test_categories_are_one_hot_and_those_of_the_training_rows(tmp_path):
    columns = regression_rows()
    columns["color"] = ["red", "green", "blue"] * 12
    columns["sex"] = ["f", "m"] * 18
    columns["zone"] = [1, 2, 1, 2] * 9
    path = write(tmp_path / "t.csv", columns)
    split = split_of(path, standardize=False, categorical=["zone"])
    # a, b, three colors, one column each for two values, the constant.
    assert split.train.X.shape[1] == 2 + 3 + 1 + 1 + 1
    assert set(np.unique(split.test.X[:, 2:])) <= {0.0, 1.0}
    assert (split.train.X[:, 2:5].sum(axis=1) == 1).all()


def test_a_category_without_a_training_row_has_no_column(tmp_path):
    columns = regression_rows()
    columns["part"] = (["train"] * 8 + ["validation"] * 2 + ["test"] * 2) * 3
    columns["color"] = (["red", "blue"] * 5 + ["new", "red"]) * 3
    split = split_of(write(tmp_path / "t.csv", columns), split_by={"column": "part"}, standardize=False)
    assert split.train.X.shape[1] == 2 + 1 + 1


def test_everything_is_learned_from_training_rows(tmp_path):
    columns = regression_rows()
    columns["part"] = (["train"] * 8 + ["validation"] * 2 + ["test"] * 2) * 3
    columns["a"] = [
        1e6 if part == "test" else value for value, part in zip(columns["a"], columns["part"], strict=True)
    ]
    columns["b"][0] = np.nan
    split = split_of(write(tmp_path / "t.csv", columns), split_by={"column": "part"})
    assert np.allclose(split.train.X[:, :-1].mean(axis=0), 0) and np.allclose(
        split.train.X[:, :-1].std(axis=0), 1
    )
    assert split.test.X[:, 0].min() > 1e5
    assert split.train.y.mean() == pytest.approx(0)
    assert (split.train.X[:, -1] == 1).all()


def test_missing_values_are_filled_in_or_their_rows_left_out(tmp_path):
    columns = regression_rows()
    columns["a"] = [np.nan if k % 6 == 0 else value for k, value in enumerate(columns["a"])]
    columns["y"][1] = np.nan
    path = write(tmp_path / "t.csv", columns)
    rows = [
        sum(len(getattr(s, p).y) for p in ("train", "validation", "test"))
        for s in (split_of(path), split_of(path, missing="drop"))
    ]
    assert rows == [35, 29]
    note = split_of(path).meta["note"]
    assert re.search(r"target.*\b1\b", note) and "median" in note
    assert re.search(r"missing.*\b6\b", split_of(path, missing="drop").meta["note"])


def test_components_are_those_of_the_training_rows(tmp_path):
    path = write(tmp_path / "t.csv", regression_rows())
    split = split_of(path, components=1)
    assert split.train.X.shape[1] == 2 and split.train.X[:, 0].mean() == pytest.approx(0)


def test_an_offset_of_the_target_changes_nothing(tmp_path, plain):
    columns = regression_rows()
    columns["y"] = columns["y"] + 2000.0
    moved = split_of(write(tmp_path / "t.csv", columns))
    assert np.allclose(moved.test.y, plain.test.y)


# --- parts ------------------------------------------------------------------------------------------------


def part_of_rows(tmp_path, columns, **given):
    """Return {part: the values of the feature `a`}, which names the rows."""
    columns = {**columns, "a": np.arange(len(columns["task"])) * 1.5}
    path = write(tmp_path / "t.csv", columns)
    split = split_of(path, features=["a"], standardize=False, **given)
    return {
        part: (getattr(split, part).X[:, 0] / 1.5).astype(int) for part in ("train", "validation", "test")
    }


def test_splits_differ_and_the_seed_matters(tmp_path):
    path = write(tmp_path / "t.csv", regression_rows())
    first, again, second, seeded = split_of(path), split_of(path), split_of(path, 2), split_of(path, seed=1)
    assert same_rows(first, again)
    assert not same_rows(first, second) and not same_rows(first, seeded)
    assert first.meta["test_overlap"] == pytest.approx(0.25)


def test_every_row_is_in_one_part(tmp_path):
    parts = part_of_rows(tmp_path, regression_rows(), test_fraction=0.5, validation_fraction=0.5)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(36))
    assert [len(rows) for rows in parts.values()] == [9, 9, 18]


@pytest.mark.parametrize("spans_tasks", [False, True])
def test_groups_stay_together(tmp_path, spans_tasks):
    columns = regression_rows()
    groups = np.arange(36) // 2 if not spans_tasks else np.tile(np.arange(12) // 2, 3)
    columns["group"] = [f"g{k}" for k in groups]
    parts = part_of_rows(tmp_path, columns, split_by={"group": "group"})
    found = [set(groups[rows]) for rows in parts.values()]
    assert sum(map(len, found)) == len(set.union(*found)) == len(set(groups)) and all(found)


def test_the_last_rows_in_time_are_the_test_part(tmp_path):
    columns = regression_rows()
    days = np.random.default_rng(0).permutation(36)
    columns["day"] = [f"2024-{k // 28 + 1:02}-{k % 28 + 1:02}" for k in days]
    parts = part_of_rows(tmp_path, columns, split_by={"time": "day"})
    for task in range(3):
        last, first = (days[[row for row in parts[part] if row // 12 == task]] for part in ("train", "test"))
        assert last.max() < first.min()
    chosen = options(tmp_path / "t.csv", split_by={"time": "day"})
    assert load("table").splits(chosen, None) == 1


def test_three_groups_of_a_task_are_enough(tmp_path):
    columns = regression_rows()
    columns["group"] = [f"g{k // 4}" for k in range(36)]
    path = write(tmp_path / "t.csv", columns)
    for index in range(1, 6):
        check_split(split_of(path, index, split_by={"group": "group"}))


def test_a_column_names_the_parts(tmp_path):
    columns = regression_rows()
    columns["part"] = (["Train"] * 6 + ["val"] * 3 + ["TEST"] * 3) * 3
    parts = part_of_rows(tmp_path, columns, split_by={"column": "part"})
    assert [sorted(set(rows % 12)) for rows in parts.values()] == [[*range(6)], [6, 7, 8], [9, 10, 11]]


# --- names of tasks ---------------------------------------------------------------------------------------

NAMES = [
    "all",
    "$5_$10",
    "<b>&amp;</b>",
    "it's \\\"",
    "😀",
    "x" * 300,
    "{split}",
    "-1",
    "  a   b ",
    "tab\there",
]


def test_names_of_tasks_are_kept_or_made_usable(tmp_path):
    import pandas as pd

    columns = regression_rows(len(NAMES))
    columns["task"] = [name for name in NAMES for _ in range(12)]
    pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
    split = split_of(tmp_path / "t.csv")
    check_split(split)
    expected = {*NAMES[1:8], "all (task)", "a b", "tab here"}
    assert set(split.tasks) == expected


def test_whole_numbers_name_tasks_without_a_decimal_point(tmp_path):
    columns = regression_rows()
    columns["task"] = [{"s1": 10, "s2": 2, "s3": 1}[name] for name in columns["task"]]
    columns["task"][0] = np.nan
    split = split_of(write(tmp_path / "t.csv", columns))
    assert split.tasks == ("1", "2", "10") and re.search(r"task.*\b1\b", split.meta["note"])


def test_roles_name_every_column_once(tmp_path):
    path = write(tmp_path / "t.csv", {**regression_rows(), "same": [1] * 36})
    found = roles.assign(read.read(path), options(path))
    names = [column.name for column in (*found.features, *found.left_out)]
    assert sorted(names) == ["a", "b", "same"]
