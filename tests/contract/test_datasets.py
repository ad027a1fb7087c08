"""What holds for every dataset: its spec, shapes, the constant column, and the same bytes every time."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from scipy.io import savemat

from amtl.splits import KINDS, LABEL_KINDS, PARTS
from helpers import own_tables
from helpers.datasets import ENTRIES, WORKFLOW, fails, features_job, load, options_of, prepare_job, real_files
from helpers.made_up_files import classes_content
from helpers.made_up_images import awa2_files, awa_files, write_tar, write_zip
from workbench import plugins
from workbench.prepare import make_split, read_features
from workbench.raw_files.data_folder import find_local
from workbench.split_files import load_split, save_split

pytestmark = pytest.mark.slow

MODULES = plugins.find("datasets")
HEAVY = {"sklearn", "scipy", "pandas", "h5py", "mlxtend", "matplotlib", "snakemake"}
# Datasets whose raw files are made up here, and options that suit the size of those.
FEATURES = {"images": 150, "train_rows": 1, "validation_rows": 1, "test_rows": 1, "components": 20}
OWN = {"table": "own.csv", "task": "task", "target": "y", "standardize": False, "center_target": False}
MADE_UP = {
    "awa": (FEATURES, lambda path: write_tar(path, awa_files(3))),
    "awa2": (FEATURES, lambda path: write_zip(path, awa2_files(3))),
    "imagenet-room": (
        {"components": 10},
        lambda path: savemat(path, classes_content(20, seed=int(path.stem[-1]))),
    ),
}
CASES = [(name, MADE_UP[name][0] if name in MADE_UP else {}) for name in sorted(MODULES)]
CASES[[name for name, _ in CASES].index("table")] = ("table", OWN)
CASES += [
    ("mnist", {"source": "idx"}),
    ("multi-mnist", {"source": "idx"}),
    ("school", {"columns": 28, "refit": False}),
]


class Sources:
    """Raw files of all datasets: real ones where the test has them, else made up."""

    def __init__(self, data, folder):
        self.data, self.folder = data, folder
        self._features = {}

    def job_and_paths(self, name, given, **settings):
        """Return the PrepareJob of a split and the paths that it reads."""
        spec, index = load(name), settings.get("index", 1)
        if spec.own_files:
            path = self.folder / "own.csv"
            if not path.exists():
                own_tables.write(path, own_tables.regression_rows())
            return prepare_job(name, [path], verified=False, own=True, **settings, **given), [path]
        files = spec.files(options_of(name, **given), index)
        if name in MADE_UP:
            paths = [self._make_up(name, file) for file in files]
        else:
            paths = real_files(files, self.data(), self.folder) if files else []
        if spec.read_features:
            features, paths = self._read(name, paths[0])
            settings["features"] = features.digest
        return prepare_job(name, paths, verified=name not in MADE_UP, **settings, **given), paths

    def count_splits(self, name, given):
        """Return the number of splits of which the raw files are there."""
        made_up = name in MADE_UP
        return load(name).splits(
            options_of(name, **given),
            lambda file: made_up or find_local(ENTRIES[file], self.data()) is not None,
        )

    def _make_up(self, name, file):
        path = self.folder / file
        if not path.exists():
            MADE_UP[name][1](path)
        return path

    def _read(self, name, source):
        if name not in self._features:
            paths = [self.folder / f"{name}.{suffix}" for suffix in ("npy", "json")]
            job = features_job(name, source)
            read_features(load(name), job, source, None, *paths)
            self._features[name] = job, paths
        return self._features[name]


@pytest.fixture(scope="module")
def sources(request, tmp_path_factory):
    return Sources(lambda: request.getfixturevalue("data_folder"), tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def prepare(sources):
    """Return the function (name, options, settings of the job) -> Split."""

    def call(name, given, **settings):
        job, paths = sources.job_and_paths(name, given, **settings)
        return make_split(load(name), job, paths)

    return call


@pytest.fixture(
    scope="module", params=CASES, ids=lambda case: "-".join([case[0], *map(str, case[1].values())])
)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def split(case, prepare):
    return prepare(*case)


@pytest.fixture(scope="module")
def job(case, sources):
    return sources.job_and_paths(*case)[0]


def parts_of(split):
    return {name: getattr(split, name) for name in PARTS}


def test_spec_is_complete(case):
    spec = load(case[0])
    assert spec.name == case[0] and spec.title and spec.kind in KINDS + LABEL_KINDS
    assert sys.modules[MODULES[case[0]]].__doc__
    for key, rule in spec.options.items():
        Draft202012Validator.check_schema(rule)
        Draft202012Validator(rule).validate(rule["default"])
        assert rule["description"].endswith("."), key
    assert spec.splits(options_of(*case[:1], **case[1]), lambda name: True) >= 1


def test_titles_and_places_are_unique():
    specs = [load(name) for name in MODULES]
    assert len({spec.title for spec in specs}) == len({spec.order for spec in specs}) == len(specs)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_dataset_imports_no_other_one_and_no_heavy_package(name):
    program = "import sys, importlib; importlib.import_module(sys.argv[1]).SPEC; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program, MODULES[name]],
        env=os.environ | {"PYTHONPATH": str(WORKFLOW)},
        **{"capture_output": True, "text": True, "check": True, "encoding": "utf-8"},
    ).stdout.split()
    assert set(loaded) & set(MODULES.values()) == {MODULES[name]}
    assert not HEAVY & set(loaded)


def test_split_can_be_saved_and_read_back(split, case, job, tmp_path):
    save_split(tmp_path / "a.npz", job, split)
    again = load_split(tmp_path / "a.npz", job.digest)
    assert again.dataset == case[0] and again.index == 1
    assert again.kind == load(case[0]).kind and again.meta == split.meta
    for name, part in parts_of(split).items():
        saved = getattr(again, name)
        assert np.array_equal(part.X, saved.X) and np.array_equal(part.y, saved.y)


def test_constant_column_is_last_and_the_only_one(split):
    if split.kind == "sequence":
        assert all(part.X.dtype.kind == "U" and (part.X != "").all() for part in parts_of(split).values())
        return
    for part in parts_of(split).values():
        assert part.X.dtype == part.y.dtype == np.float64
        assert (part.X[:, -1] == 1.0).all()
    assert (np.ptp(split.train.X[:, :-1], axis=0) > 0).all()


def test_every_row_belongs_to_a_task(split):
    n_tasks = len(split.tasks)
    assert len(set(split.tasks)) == n_tasks
    for part in parts_of(split).values():
        if split.kind == "mixed":
            assert part.offsets is None and part.y.shape == (len(part.X), n_tasks)
            for count, y in zip(split.meta["outputs"], part.y.T, strict=True):
                assert count == 0 or set(y) == set(range(count))
        elif split.kind == "one-vs-rest":
            assert part.offsets is None and set(part.y) == set(range(n_tasks))
        else:
            rows = len(part.X) if part.sentences is None else len(part.sentences) - 1
            assert part.offsets[0] == 0 and part.offsets[-1] == rows
            assert part.sentences is None or part.sentences[-1] == len(part.X)
            assert len(part.offsets) == n_tasks + 1 and np.diff(part.offsets).min() >= 1


def test_true_weights_fit_the_features(split, case):
    assert (split.truth is not None) == load(case[0]).has_truth
    if split.truth is not None:
        assert split.truth.shape == (split.train.X.shape[1], len(split.tasks))


def test_meta_names_the_source_and_the_raw_files(split, case):
    assert split.meta["source"] and split.meta["note"].endswith(".")
    for file in split.meta["files"]:
        # Data inside a package and tables of a user are not in the registry: their terms are in the split.
        assert {"name", "sha256", "bytes", "verified"} == set(file) - {"licence", "citation"}
        assert ("licence" in file) == (file["name"] not in ENTRIES)
    if split.truth is not None:
        assert len(split.meta["difficulty"]) == len(split.meta["group"]) == len(split.tasks)
        assert set(split.meta["difficulty"]) <= {"easy", "hard"} and not split.meta["files"]
    if load(case[0]).files(options_of(case[0], **case[1])):
        assert split.meta["files"]


def test_same_bytes_every_time(split, case, job, prepare, tmp_path):
    save_split(tmp_path / "a.npz", job, split)
    save_split(tmp_path / "b.npz", job, prepare(*case))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_another_split_has_other_rows(split, case, prepare, sources):
    if sources.count_splits(*case) == 1:
        pytest.skip("there is one split")
    other = prepare(*case, index=2)
    assert other.index == 2 and not np.array_equal(split.test.X, other.test.X)
    rows = [
        {row.tobytes() for part in parts_of(each).values() for row in np.column_stack([part.X, part.y])}
        for each in (split, other)
    ]
    # Components and scales of each split hide shared rows.
    if split.kind == "regression" and "Standardized" not in split.meta["note"]:
        assert bool(rows[0] & rows[1]) == load(case[0]).splits_overlap


def test_the_stated_overlap_is_a_share_of_the_test_rows(split, case):
    overlap = split.meta.get("test_overlap")
    assert overlap is None or (load(case[0]).splits_overlap and 0 < overlap <= 1)


def test_seed_matters_where_something_is_drawn(split, case, prepare):
    spec, options = load(case[0]), options_of(case[0], **case[1])
    read_as_it_is = case[0].endswith("-authors") or case[0] == "imagenet-room"
    if not read_as_it_is and spec.files(options, 1) == spec.files(options, 2):
        assert not np.array_equal(split.train.X, prepare(*case, seed=1).train.X)
    if read_as_it_is:
        assert np.array_equal(split.train.X, prepare(*case, seed=1).train.X)


def test_parts_have_no_row_in_common(split, case):
    parts = parts_of(split).values()
    tasks = [np.split(part.X, [] if part.offsets is None else part.offsets[1:-1]) for part in parts]
    if any(len({row.tobytes() for row in X}) < len(X) for part in tasks for X in part):
        pytest.skip("a task has equal rows within a part, so equal rows of two parts need not be the same")
    # Tasks may share rows within a part, as those of one user do.
    rows = Counter(row for part in parts for row in {row.tobytes() for row in part.X})
    assert max(rows.values()) == 1


@pytest.mark.parametrize("name", sorted(MODULES))
def test_index_out_of_range(name):
    spec = load(name)
    count = spec.splits(options_of(name), lambda file: True)
    for index in (0, -1, count + 1):
        job = prepare_job(name, index=index)
        fails(lambda job=job: make_split(spec, job, []), name, f"split {job.index}", f"1..{count}")


@pytest.mark.parametrize("damage", ["nan", "empty part", "empty task", "uncovered rows"])
def test_a_damaged_split_is_not_saved(split, job, tmp_path, damage):
    part = split.validation
    X, y, offsets = part.X.copy(), part.y.copy(), part.offsets
    expected = "validation part"
    if damage == "nan":
        values, expected = (y if split.kind == "sequence" else X[:, 0]), "row 3"
        values[3] = np.nan
    elif damage == "empty part":
        X, y = X[:0], y[:0]
    elif damage == "uncovered rows" and offsets is not None:
        offsets = np.minimum(offsets, offsets[-1] - 1)
    elif damage == "uncovered rows" and split.kind == "mixed":
        y[0, 0], expected = 99, "label 99"
    elif damage == "uncovered rows":
        y[0], expected = len(split.tasks), f"label {len(split.tasks)}"
    elif split.kind == "mixed":
        pytest.skip("all tasks have all rows")
    elif offsets is None:
        y[y == 4], expected = 5, repr(split.tasks[4])
    elif len(split.tasks) == 1:
        pytest.skip("its only task is the whole part")
    else:
        offsets, expected = offsets.copy(), repr(split.tasks[1])
        offsets[1] = offsets[2]
    damaged = replace(split, validation=replace(part, X=X, y=y, offsets=offsets))
    fails(lambda: save_split(tmp_path / "a.npz", job, damaged), "validation part", expected)
    assert not (tmp_path / "a.npz").exists()


SHARES_THAT_MAY_BE_ZERO = ("hidden", "overlap")


@pytest.mark.parametrize("name", sorted(MODULES))
def test_counts_are_at_least_one_and_noise_may_be_zero(name):
    for option, schema in load(name).options.items():
        accepts = Draft202012Validator(schema).is_valid
        if schema.get("type") == "integer":
            assert not accepts(0) and accepts(schema["minimum"])
        elif option.startswith("noise"):
            assert accepts(0.0) and accepts(0.5) and not accepts(-0.5)
        elif option == "loss_scale":
            assert accepts(0.02) and accepts(50.0) and not accepts(0.0)
        elif option in SHARES_THAT_MAY_BE_ZERO:
            assert accepts(0.0) and not accepts(-0.1) and not accepts(1.1)
        elif schema.get("type") == "number":
            assert accepts(0.5) and not accepts(0.0) and not accepts(1.0)
