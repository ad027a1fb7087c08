"""From the json of the fits to the tidy tables: same bytes, no times, one clear line for a damaged file."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from amtl.errors import InputError
from workbench import scores

WORKFLOW = Path(scores.__file__).parents[1]
TASKS = ["1", "2", "10"]


def make_fit(folder, dataset="toy", method="stl", split=1, **changes):
    """Write a made-up fit and return the path of its json."""
    metrics = [{"task": "all", "metric": "rmse", "value": 20.0 + split / 3}]
    metrics += [{"task": task, "metric": "rmse", "value": 0.1 * i} for i, task in enumerate(TASKS)]
    metrics += [{"task": "1", "metric": "auc", "value": None}]
    fit = {
        "dataset": dataset,
        "split": split,
        "method": method,
        "title": method.upper(),
        "kind": "regression",
        "loss": "squared",
        "tasks": TASKS,
        "objective_formula": "sum_t S_t(w_t), all of it",
        "citation": "Nobody (2000)",
        "params": {"lam": 0.5},
        "grid": [{"converged": k != 1, "validation_metric": 21.0 + k} for k in range(3)],
        "chosen": 2,
        "edges": [],
        "warnings": [],
        "iterations": 12,
        "converged": True,
        "residual": 1e-8,
        "objective": 123.5,
        "metrics": metrics,
        "seconds": {"tune": 1.5, "fit": 0.25, "total": 1.75},
        "versions": {"python": "3.11.2", "numpy": "2.4.0"},
        **changes,
    }
    path = Path(folder) / dataset / method / f"split{split}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(fit))
    return path


def collect(folder, out, wanted, hash_seed="0"):
    names = ("scores", "timings", "warnings", "methods", "versions")
    outputs = [part for name in names for part in (f"--{name}", str(out / f"{name}.csv"))]
    return subprocess.run(
        [
            sys.executable,
            str(WORKFLOW / "scripts" / "collect_scores.py"),
            "--fits",
            str(folder),
            "--job",
            json.dumps({"fits": wanted}),
            *outputs,
        ],
        env={"PYTHONPATH": str(WORKFLOW), "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
    )


def read(path):
    with open(path, newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def fits(tmp_path):
    folder = tmp_path / "fits"
    for split in (2, 1):
        make_fit(folder, "zoo", "stl", split)
        make_fit(folder, "toy", "stl", split, seconds={"tune": split, "fit": split, "total": 2 * split})
        make_fit(folder, "toy", "amtl", split, converged=split == 1, residual=3e-3, warnings=["lam is low"])
    return folder


WANTED = {"zoo": {"stl": 2}, "toy": {"stl": 2, "amtl": 2}}


def test_collecting_twice_gives_the_same_bytes_whatever_the_order_and_the_times(fits, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    assert collect(fits, first, WANTED).returncode == 0
    for split in (1, 2):
        make_fit(fits, "zoo", "stl", split, seconds={"tune": 99.0, "fit": 98.0, "total": 197.0})
    turned = {"toy": {"amtl": 2, "stl": 2}, "zoo": {"stl": 2}}
    assert collect(fits, second, turned, hash_seed="7").returncode == 0
    for name in ("scores", "warnings", "methods", "versions"):
        assert (first / f"{name}.csv").read_bytes() == (second / f"{name}.csv").read_bytes()
    assert (first / "timings.csv").read_bytes() != (second / "timings.csv").read_bytes()


def test_scores_are_tidy_sorted_exact_and_hold_no_times(fits, tmp_path):
    collect(fits, tmp_path, WANTED)
    text = (tmp_path / "scores.csv").read_text()
    assert text.splitlines()[0] == "dataset,split,method,task,metric,value"
    assert not any(word in text for word in ("seconds", "tune", "total", "1.75"))
    rows = read(tmp_path / "scores.csv")
    assert len(rows) == 6 * 14
    keys = [(row["dataset"], row["method"], int(row["split"])) for row in rows]
    assert keys == sorted(keys)
    assert [row["task"] for row in rows[9:14]] == ["all", "1", "2", "10", "1"]
    assert float(rows[9]["value"]) == 20.0 + 1 / 3


def test_a_fits_account_of_itself_becomes_scores_of_the_whole_split(fits, tmp_path):
    make_fit(fits, "toy", "stl", 1, converged=False, edges=["a", "b"])
    collect(fits, tmp_path, WANTED)
    found = scores.Scores(tmp_path / "scores.csv")
    account = {
        "converged": 0.0,
        "iterations": 12.0,
        "residual": 1e-8,
        "objective": 123.5,
        "grid_points": 3.0,
        "grid_unconverged": 1.0,
        "edge_warnings": 2.0,
        "validation_metric": 23.0,
        "param:lam": 0.5,
    }
    assert {name: found.values("toy", "stl", name)[1] for name in account} == account


def test_times_stand_in_their_own_file(fits, tmp_path):
    collect(fits, tmp_path, WANTED)
    rows = read(tmp_path / "timings.csv")
    assert len(rows) == 6
    toy = [row for row in rows if (row["dataset"], row["method"], row["split"]) == ("toy", "stl", "2")]
    assert toy[0]["tune"] == "2.0" and toy[0]["total"] == "4.0"


def test_warnings_methods_and_versions_are_spelled_out(fits, tmp_path):
    make_fit(fits, "zoo", "stl", 1, warnings=["rho is high", "odd, it\nseems"])
    collect(fits, tmp_path, WANTED)
    assert [tuple(row.values()) for row in read(tmp_path / "warnings.csv")] == [
        ("toy", "1", "amtl", "lam is low"),
        ("toy", "2", "amtl", "lam is low"),
        ("zoo", "1", "stl", "rho is high"),
        ("zoo", "1", "stl", "odd, it\nseems"),
    ]
    assert [row["method"] for row in read(tmp_path / "methods.csv")] == ["amtl", "stl"]
    assert [tuple(row.values()) for row in read(tmp_path / "versions.csv")] == [
        ("numpy", "2.4.0", "6"),
        ("python", "3.11.2", "6"),
    ]


def test_reading_back_gives_what_was_written(fits, tmp_path):
    collect(fits, tmp_path, WANTED)
    found = scores.Scores(tmp_path / "scores.csv")
    assert found.values("toy", "stl", "rmse") == {1: 20.0 + 1 / 3, 2: 20.0 + 2 / 3}
    assert found.tasks("toy", "stl", "rmse") == TASKS
    assert found.values("toy", "stl", "auc", "1") == {}, "a score that is not defined is not there"
    assert found.values("toy", "mtfl", "rmse") == {}
    assert found.primary_metric("toy") == found.task_metric("toy") == "rmse"


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.write_text(path.read_text()[:100]), "not a readable fit"),
        (lambda path: path.write_text("[]"), "not a readable fit"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "not a readable fit"),
        (lambda path: path.unlink(), "no such fit"),
        (lambda path: path.write_text(path.read_text().replace('"seconds"', '"second"')), "no 'seconds'"),
        (lambda path: path.write_text(path.read_text().replace("0.1", "NaN")), "finite"),
        (lambda path: path.write_text(path.read_text().replace("0.1", '"x"')), "finite"),
        (
            lambda path: path.write_text(path.read_text().replace('"split": 1', '"split": 4')),
            "split 4 instead",
        ),
    ],
)
def test_a_damaged_or_missing_fit_is_one_line_that_names_it(fits, tmp_path, damage, says):
    path = fits / "toy" / "stl" / "split1.json"
    damage(path)
    result = collect(fits, tmp_path, WANTED)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert str(path) in result.stderr and says in result.stderr
    assert not (tmp_path / "scores.csv").exists()


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "dataset,split,method,task,metric,value\ntoy,1,stl\n"])
def test_a_wrong_table_is_one_line_that_names_it(tmp_path, text):
    path = tmp_path / "scores.csv"
    path.write_text(text)
    with pytest.raises(InputError, match="scores.csv"):
        scores.Scores(path)


def test_a_table_that_ends_within_its_last_number_is_refused(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("dataset,split,method,task,metric,value\ntoy,1,stl,all,rmse,1.25\n")
    assert scores.Scores(path).values("toy", "stl", "rmse") == {1: 1.25}
    path.write_text(path.read_text()[:-2])
    with pytest.raises(InputError, match="scores.csv: cannot be read .it ends within a line.; delete it"):
        scores.Scores(path)


def test_a_score_that_is_no_number_names_the_file(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("dataset,split,method,task,metric,value\ntoy,1,stl,all,rmse,many\n")
    with pytest.raises(InputError, match="scores.csv.*'many'"):
        scores.Scores(path)


def test_arrays_of_a_fit_are_named_by_their_place(tmp_path):
    path = tmp_path / "toy" / "amtl" / "split3.npz"
    path.parent.mkdir(parents=True)
    np.savez(path, W=np.eye(2))
    dataset, method, split, arrays = scores.read_arrays(path)
    assert (dataset, method, split, list(arrays)) == ("toy", "amtl", 3, ["W"])
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match="split3.npz"):
        scores.read_arrays(path)


@pytest.mark.parametrize(
    ("restarts", "spread"), [([4.0, 5.0, 4.5], 0.25), ([-4.0, -3.0], 0.25), ([2.0, 2.0], 0.0), ([2.0], None)]
)
def test_the_spread_of_restarts_is_relative_to_the_best(tmp_path, restarts, spread):
    fit = json.loads(make_fit(tmp_path, restarts=restarts).read_text())
    rows = {row[4]: row[5] for row in scores.score_rows(fit) if row[3] == "all"}
    assert rows.get("restart_spread") == (None if spread is None else repr(spread))
    assert rows.get("restarts") == (None if spread is None else repr(float(len(restarts))))
