"""The table of recovery: what each method learned against what generated the data."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from amtl import pairs
from helpers.made_up_results import dataset, fit_record, make_split, method, run_of, write_fits, write_split
from workbench import plugins
from workbench.report._inputs import Inputs

GROUP = [1, 1, 1, 2, 2, 2]
TRUTH = np.vstack([np.repeat([[1.0, 0.0], [0.0, 2.0]], 3, axis=1), np.zeros((1, 6))])
LEARNS = {
    "exact": {},
    "zero": {},
    "dense": {},
    "clustered": {"clusters": np.array([5, 5, 5, 9, 9, 9])},
    "mixed": {"clusters": np.array([0, 1, 0, 1, 0, 1])},
    "graph": {"graph": np.kron(np.eye(2), np.triu(np.ones((3, 3)), 1))},
    "related": {"covariance": np.kron(np.eye(2), np.ones((3, 3)))},
    "detector": {"outliers": np.array([0, 0, 0, 0, 1, 1])},
}
WEIGHTS = {"zero": np.zeros((3, 6)), "dense": np.full((3, 6), 1.0)}


def made_up(folder, meta=None, control=(), learns=LEARNS):
    """Return (run, inputs) of a generated dataset with one split."""
    split = make_split("family", 1, (2,) * 6, truth=TRUTH, meta={"group": GROUP, **(meta or {})})
    arrays = {
        name: {"B" if key == "graph" else key: a for key, a in own.items()} for name, own in learns.items()
    }
    fits = {
        ("family", name, 1): (fit_record(tasks=list(split.tasks)), {"W": WEIGHTS.get(name, TRUTH), **own})
        for name, own in arrays.items()
    }
    methods = [method(m, learns=list(own), control=m in control) for m, own in learns.items()]
    run = run_of([dataset("family", kind="regression", has_truth=True, splits=1)], methods, splits=1)
    splits = [write_split(folder / "split1.npz", split)]
    return run, Inputs(fits=write_fits(folder / "fits", fits), splits=splits)


def build(folder, **changes):
    table = plugins.load("tables", "recovery").make(*made_up(folder, **changes))
    return {record["method"]: record for record in table.records}, table


def test_weights_and_support_are_compared_with_the_true_ones_without_the_constant(tmp_path):
    records, _ = build(tmp_path)
    assert records["exact"]["weights"] == 0.0 and records["exact"]["support"] == 1.0
    assert records["zero"]["weights"] == 1.0 and records["zero"]["support"] == 0.0
    # Half of the true entries are zero.
    assert records["dense"]["support"] == pytest.approx(2 / 3)


def test_groups_come_from_what_was_learned(tmp_path):
    records, _ = build(tmp_path)
    expected = {"exact": 1.0, "clustered": 1.0, "graph": 1.0, "related": 1.0}
    assert {name: records[name]["groups"] for name in expected} == pytest.approx(expected)
    assert records["mixed"]["groups"] < 0.2
    sources = {"exact": "weights", "clustered": "clusters", "graph": "graph", "related": "covariance"}
    assert {name: records[name]["groups_from"] for name in sources} == sources


def test_outlier_tasks_count_where_there_are_some_and_are_in_no_group(tmp_path):
    records, _ = build(tmp_path)
    assert records["detector"]["outliers"] is None
    meta = {"outliers": [False] * 4 + [True] * 2}
    records, _ = build(tmp_path, meta=meta)
    assert records["detector"]["outliers"] == 1.0 and records["exact"]["outliers"] is None
    assert records["clustered"]["groups"] == 1.0
    records, _ = build(tmp_path, meta={"outliers": [False, True, True, True, True, False]})
    assert records["detector"]["outliers"] == pytest.approx(1 / 3)


def test_of_many_tasks_a_sample_is_grouped_and_graphs_may_be_sparse(tmp_path, monkeypatch):
    monkeypatch.setattr(pairs, "MAX_TASKS", 5)
    learns = LEARNS | {"sparse": {"graph": csr_array(LEARNS["graph"]["graph"])}}
    records, _ = build(tmp_path, learns=learns)
    names = ("exact", "clustered", "graph", "related", "sparse")
    assert [records[name]["groups"] for name in names] == pytest.approx([1.0] * 5)
    assert records["mixed"]["groups"] < 0.2


def test_a_single_group_is_nothing_to_recover(tmp_path):
    records, _ = build(tmp_path, meta={"group": [1] * 6})
    assert {record["groups"] for record in records.values()} == {None}


def test_controls_have_numbers_and_no_star(tmp_path):
    records, table = build(tmp_path, control=("exact",), learns={"exact": {}, "dense": {}})
    ((_, rows),) = table.blocks
    cells = {row[0]: row[1] for row in rows}
    assert "★" in cells["dense"] and "★" not in cells["exact"] and records["exact"]["weights"] == 0.0


def test_the_table_applies_to_generated_data_and_reads_the_fits_of_these_alone():
    spec = plugins.load("tables", "recovery")
    run = run_of([dataset("a", has_truth=True), dataset("b")], ["stl", "amtl"])
    assert spec.applies(run) and not spec.applies(run_of([dataset("b")], ["stl"]))
    assert spec.fits(run) == {"a": {name: [1, 2, 3, 4] for name in ("stl", "amtl")}}
    assert spec.splits(run) == {"a": [1, 2, 3, 4]}
