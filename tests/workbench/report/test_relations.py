"""Learned relations against measured gains: the table and the heat maps."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from helpers.made_up_results import dataset, fit_record, make_split, method, run_of, write_fits, write_split
from workbench import plugins
from workbench.report import _relations as relations
from workbench.report._inputs import Inputs

T = 6
ALL = np.arange(T)
CHAIN = np.diag(np.ones(T - 1), 1)
LEARNS = {
    "chain": {"graph": CHAIN},
    "back": {"graph": CHAIN.T},
    "empty": {"graph": np.zeros((T, T))},
    "related": {"covariance": 4.0 * np.exp(-np.abs(np.subtract.outer(range(T), range(T))))},
    "clustered": {"clusters": np.array([0, 0, 1, 1, 2, 2])},
    "plain": {},
}


def made_up(folder, learns=LEARNS, splits=2, has_truth=True, tasks=ALL):
    """Return (run, inputs) of a dataset whose tasks gain from the one before them.

    tasks : those between which gains were measured.
    """
    gains = (5.0 * CHAIN - 1.0 + np.eye(T))[np.ix_(tasks, tasks)]
    truth = np.vstack([np.random.default_rng(0).normal(size=(3, T)), np.zeros((1, T))])
    fits, written, pairs = {}, [], {}
    for k in range(1, splits + 1):
        split = make_split("family", k, (2,) * T, width=4, truth=truth if has_truth else None)
        written.append(write_split(folder / f"split{k}.npz", split))
        own = {"tasks": tasks, "gains": gains, "alone": np.ones(len(tasks)), "W": truth[:, tasks]}
        pairs["family", k] = own
        for name, own in learns.items():
            arrays = {"B" if key == "graph" else key: array for key, array in own.items()}
            fits["family", name, k] = fit_record(tasks=list(split.tasks)), {"W": truth, **arrays}
    data = dataset("family", kind="regression", has_truth=has_truth, splits=splits)
    run = run_of([data], [method(m, learns=list(own)) for m, own in learns.items()], splits=splits)
    return run, Inputs(fits=write_fits(folder / "fits", fits), splits=written, pairs=pairs)


def records(run, inputs):
    table = plugins.load("tables", "relations").make(run, inputs)
    return {record["relation"]: record for record in table.records}


def test_the_relation_that_points_to_who_gains_agrees_best(tmp_path):
    found = records(*made_up(tmp_path))
    assert found["chain"]["spearman"] == pytest.approx(1.0) and found["chain"]["auc"] == 1.0
    assert found["chain"]["by_receiver"] > found["related"]["by_receiver"] > found["back"]["by_receiver"]
    assert found["back"]["auc"] < 0.5 and (found["empty"]["spearman"], found["empty"]["auc"]) == (0.0, 0.5)
    # A symmetric relation does not know the direction.
    assert 0.5 < found["related"]["auc"] < 1.0 and found["clustered"]["spearman"] > 0.0
    assert "plain" not in found
    assert found["chain"]["spearman_of_means"] == pytest.approx(1.0)
    assert found[relations.AGAIN]["spearman_of_means"] is None


def test_gains_of_another_split_and_true_weights_are_references(tmp_path):
    found = records(*made_up(tmp_path))
    assert found[relations.AGAIN]["spearman"] == pytest.approx(1.0)
    assert {relations.TRUE, relations.ALONE, relations.NEAREST} < found.keys()
    (tmp_path / "one").mkdir()
    found = records(*made_up(tmp_path / "one", splits=1, has_truth=False))
    assert relations.AGAIN not in found and relations.TRUE not in found


def test_of_many_tasks_a_sample_is_compared(tmp_path):
    sample = np.array([0, 1, 2, 4])
    learns = LEARNS | {"sparse": {"graph": csr_array(CHAIN)}}
    found = records(*made_up(tmp_path, learns, tasks=sample))
    assert found["chain"]["spearman"] == found["sparse"]["spearman"] == pytest.approx(1.0)
    assert found["back"]["auc"] < 0.5 and found[relations.TRUE]["n"] == 2
    covariance = LEARNS["related"]["covariance"]
    part = relations.relation(method("m", learns=["covariance"]), {"covariance": covariance}, sample)
    assert part == pytest.approx(covariance[np.ix_(sample, sample)] / 4.0)


def test_the_files_are_read_for_datasets_with_a_learned_relation_alone():
    methods = [method("amtl", learns=["graph"]), method("stl")]
    run = run_of([dataset("a", has_truth=True), dataset("b"), dataset("c", splits_overlap=True)], methods)
    run.fitted["b"]["amtl"] = 0
    spec = plugins.load("tables", "relations")
    assert spec.pairs(run) == {"a": [1, 2, 3, 4], "c": [1, 2, 3, 4]}
    assert spec.splits(run) == {"a": [1, 2, 3, 4], "c": [1]}
    assert spec.fits(run) == {name: {"amtl": [1, 2, 3, 4]} for name in ("a", "c")}
    assert spec.applies(run) and not spec.applies(run_of(["a"], ["stl"]))


def test_the_figure_shows_gains_and_one_relation_of_each_kind(tmp_path):
    run, inputs = made_up(tmp_path)
    figure = plugins.load("figures", "relation-maps").make(run, inputs)
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert titles[0] == "Measured gain" and [title.split("\n")[0] for title in titles[1:4]] == [
        "chain",
        "related",
        "clustered",
    ]


def test_the_figure_says_so_when_there_are_too_many_tasks(tmp_path, monkeypatch):
    figures = __import__("workbench.report.figures.relation_maps", fromlist=["x"])
    monkeypatch.setattr(figures, "MAX_TASKS", 5)
    assert not plugins.load("figures", "relation-maps").make(*made_up(tmp_path)).axes
