"""What holds for every dataset: shapes, the constant column, notes, and the same bytes every time."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from amtl.errors import InputError
from amtl.splits import KINDS
from workbench.datasets import _registry as registry
from workbench.raw_files import raw
from workbench.split_files import load_split, save_split

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
ENTRIES = raw.load_registry(ROOT / "config" / "raw-files.yaml")
CASES = [(name, {}) for name in registry.names()]
CASES += [("mnist", {"source": "idx"}), ("school", {"columns": 28, "refit": False})]


def complete(name, given):
    return {key: rule["default"] for key, rule in registry.load(name).OPTIONS.items()} | given


@pytest.fixture(scope="module")
def prepare(tmp_path_factory):
    """Return the function (name, options, index, seed) -> Split, on real raw files where any are needed."""
    folder = tmp_path_factory.mktemp("raw")

    def call(name, given, index=1, seed=0):
        options = complete(name, given)
        paths = {file: folder / file for file in registry.load(name).files(options, index)}
        for file, path in paths.items():
            if raw.find_local(ENTRIES[file], DATA) is None:
                pytest.skip(f"{file} is not in {DATA}")
            if not path.exists():
                raw.acquire(file, ENTRIES[file], DATA, path)
        job = {"dataset": f"my-{name}", "module": name, "index": index, "seed": seed, "options": options}
        return registry.prepare(job | {"files": {file: ENTRIES[file] for file in paths}}, paths)

    return call


@pytest.fixture(
    scope="module", params=CASES, ids=lambda case: "-".join([case[0], *map(str, case[1].values())])
)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def split(case, prepare):
    return prepare(*case)


def parts_of(split):
    return {"train": split.train, "validation": split.validation, "test": split.test}


def test_module_says_what_it_is(case):
    module = registry.load(case[0])
    assert module.KIND in KINDS and module.__doc__
    for key, rule in module.OPTIONS.items():
        Draft202012Validator.check_schema(rule)
        Draft202012Validator(rule).validate(rule["default"])
        assert rule["description"].endswith("."), key
    assert module.splits(complete(*case), lambda name: True) >= 1


def test_split_can_be_saved_and_read_back(split, case, tmp_path):
    save_split(tmp_path / "a.npz", split)
    again = load_split(tmp_path / "a.npz")
    assert again.dataset == f"my-{case[0]}" and again.index == 1
    assert again.kind == registry.load(case[0]).KIND and again.meta == split.meta
    for name, part in parts_of(split).items():
        assert np.array_equal(part.X, getattr(again, name).X) and np.array_equal(
            part.y, getattr(again, name).y
        )


def test_constant_column_is_last_and_the_only_one(split):
    for part in parts_of(split).values():
        assert part.X.dtype == part.y.dtype == np.float64
        assert (part.X[:, -1] == 1.0).all()
    assert (np.ptp(split.train.X[:, :-1], axis=0) > 0).all()


def test_shapes_fit_the_kind(split, case):
    n_tasks = len(split.tasks)
    assert len(set(split.tasks)) == n_tasks
    for part in parts_of(split).values():
        if split.kind == "one-vs-rest":
            assert part.offsets is None and set(part.y) == set(range(n_tasks))
        else:
            assert (
                part.offsets[0] == 0 and part.offsets[-1] == len(part.X) and np.diff(part.offsets).min() >= 1
            )
    assert (split.truth is not None) == getattr(registry.load(case[0]), "TRUTH", False)
    if split.truth is not None:
        assert split.truth.shape == (split.train.X.shape[1], n_tasks)


def test_meta_says_where_the_data_come_from(split):
    assert split.meta["source"] and split.meta["note"].endswith(".")
    assert split.meta["rows"] == {name: len(part.X) for name, part in parts_of(split).items()}
    for file in split.meta["files"]:
        assert set(file) == {"name", "sha256", "bytes", "licence", "citation", "verified"}
    if split.truth is not None:
        assert len(split.meta["difficulty"]) == len(split.meta["group"]) == len(split.tasks)
        assert set(split.meta["difficulty"]) == {"easy", "hard"}
    else:
        assert split.meta["files"]


def test_same_bytes_every_time_and_others_for_another_split(split, case, prepare, tmp_path):
    save_split(tmp_path / "a.npz", split)
    save_split(tmp_path / "b.npz", prepare(*case))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    if registry.load(case[0]).splits(complete(*case), lambda name: ENTRIES[name]["unverified"] is False) > 1:
        other = prepare(*case, index=2)
        assert not np.array_equal(split.test.X, other.test.X)


def test_seed_matters_where_something_is_drawn(split, case, prepare):
    other = prepare(*case, seed=1)
    drawn = not case[0].endswith("_authors")
    assert drawn != np.array_equal(split.train.X, other.train.X)


def test_parts_have_no_row_in_common(split, case):
    if case[0] == "school":
        pytest.skip("pupils of a school can agree in every column; see the unit test that counts them all")
    if case[0] == "conll_tags":
        pytest.skip("tokens that differ in unseen words alone agree after the PCA; see the unit test")
    rows = Counter(row.tobytes() for part in parts_of(split).values() for row in part.X)
    assert max(rows.values()) == 1


@pytest.mark.parametrize("index", [0, -1, 2_000_000])
def test_index_out_of_range(case, index):
    name, given = case
    with pytest.raises(InputError, match=f"there is no split {index}, only 1.."):
        registry.load(name).make_split(index, complete(name, given), {}, 0)


@pytest.mark.parametrize("damage", ["nan", "empty part", "empty task"])
def test_a_damaged_split_is_not_saved(split, tmp_path, damage):
    part = split.validation
    X, y, offsets = part.X.copy(), part.y.copy(), part.offsets
    if damage == "nan":
        X[3, 0], expected = np.nan, "validation part: NaN or infinite features in row 3"
    elif damage == "empty part":
        X, y, expected = X[:0], y[:0], "validation part is empty"
    elif offsets is None:
        y[y == 4], expected = 5, f"validation part: task {split.tasks[4]!r} has no rows"
    else:
        offsets, expected = offsets.copy(), "validation part: task '2' has no rows"
        offsets[1] = offsets[2]
    with pytest.raises(InputError, match=expected):
        save_split(tmp_path / "a.npz", replace(split, validation=replace(part, X=X, y=y, offsets=offsets)))
    assert not (tmp_path / "a.npz").exists()
