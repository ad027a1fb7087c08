"""From the records of the fits to the tidy tables: same bytes, no times, stale and foreign fits refused."""

import csv
import json
import shutil

import pytest

from helpers.made_up_results import Made, fit_record, fit_set, write_fits
from helpers.scripts import run_script
from workbench import scores
from workbench.code_dependencies import CodeDependencies
from workbench.jobs import ScoresJob
from workbench.result_files import StaleResult, file_checksum, load_record, save_record

TASKS = ["1", "2", "10"]
TITLES = {"stl": "STL", "amtl": "AMTL, $5"}
NAMES = ("scores", "timings", "warnings", "methods", "versions")


def record_of(split=1, **changes):
    """Return the content of a made-up fit."""
    metrics = [{"task": "all", "metric": "rmse", "value": 20.0 + split / 3}]
    metrics += [{"task": task, "metric": "rmse", "value": 0.1 * i} for i, task in enumerate(TASKS)]
    metrics += [{"task": "1", "metric": "auc", "value": None}]
    facts = {
        "tasks": TASKS,
        "params": {"lam": 0.5},
        "grid": [{"converged": k != 1, "validation_metric": 21.0 + k} for k in range(3)],
        "chosen": 2,
        "initial_points": 2,
        "iterations": 12,
        "residual": 1e-8,
        "objective": 123.5,
        "metrics": metrics,
        "seconds": {"tune": 1.5, "fit": 0.25, "total": 1.75},
    }
    return fit_record(**{**facts, **changes})


def contents():
    """Return {(dataset, method, split): content} of six fits."""
    found = {}
    for split in (2, 1):
        times = {"tune": split, "fit": split, "total": 2 * split}
        found["zoo", "stl", split] = record_of(split)
        found["toy", "stl", split] = record_of(split, seconds=times)
        found["toy", "amtl", split] = record_of(
            split, converged=split == 1, residual=3e-3, warnings=["lam is low"]
        )
    return found


def put(folder, found):
    return write_fits(folder, {place: (record, {"W": [1.0]}) for place, record in found.items()})


def collect(folder, out, places, hash_seed="0", **changes):
    """Run the script; return the finished process."""
    code = CodeDependencies().digest("scripts.scores")
    job = ScoresJob(**{"fits": fit_set(sorted(places)), "titles": TITLES, "code": code, **changes})
    outputs = [part for name in NAMES for part in (f"--{name}", out / f"{name}.csv")]
    arguments = ["--job", job.to_json(), "--fits", folder, *outputs, "--record", out / "scores.json"]
    return run_script("scores", *arguments, PYTHONHASHSEED=hash_seed)


def read(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return the folder of a run whose tables were collected; ``fits`` is in it."""
    folder = tmp_path_factory.mktemp("results")
    put(folder / "fits", contents())
    done = collect(folder / "fits", folder, contents())
    assert done.returncode == 0, done.stderr
    return folder


def test_collecting_twice_gives_the_same_bytes_whatever_the_order_and_the_times(results, tmp_path):
    found = contents()
    for split in (1, 2):
        found["zoo", "stl", split]["seconds"] = {"tune": 99.0, "fit": 98.0, "total": 197.0}
    put(tmp_path / "fits", dict(reversed(found.items())))
    assert collect(tmp_path / "fits", tmp_path, found, hash_seed="7").returncode == 0
    for name in ("scores", "warnings", "methods", "versions"):
        assert (results / f"{name}.csv").read_bytes() == (tmp_path / f"{name}.csv").read_bytes()
    assert (results / "timings.csv").read_bytes() != (tmp_path / "timings.csv").read_bytes()


def test_scores_are_tidy_sorted_exact_and_hold_no_times(results):
    text = (results / "scores.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "dataset,split,method,task,metric,value"
    assert not any(word in text for word in ("seconds", "tune", "total", "1.75"))
    rows = read(results / "scores.csv")
    assert len(rows) == 6 * 16
    keys = [(row["dataset"], row["method"], int(row["split"])) for row in rows]
    assert keys == sorted(keys), "by dataset, method and split"
    assert [row["task"] for row in rows[11:16]] == ["all", "1", "2", "10", "1"]
    assert float(rows[11]["value"]) == 20.0 + 1 / 3


def test_how_a_fit_went_becomes_scores_of_the_whole_split(tmp_path):
    fit = {
        **dict(dataset="toy", split=1, method="stl"),
        **record_of(converged=False, edges=["a", "b"], limits=["c"]),
    }
    rows = {row[4]: float(row[5]) for row in scores.score_rows(fit)[:11]}
    assert rows == {
        "converged": 0.0,
        "iterations": 12.0,
        "residual": 1e-8,
        "objective": 123.5,
        "grid_points": 3.0,
        "grid_added": 1.0,
        "grid_unconverged": 1.0,
        "edge_warnings": 2.0,
        "natural_limits": 1.0,
        "validation_metric": 23.0,
        "param:lam": 0.5,
    }
    assert {row[:4] for row in scores.score_rows(fit)[:11]} == {("toy", 1, "stl", "all")}


def test_a_method_is_the_same_as_another_if_it_is_in_every_split(tmp_path):
    found = {
        ("toy", "amtl-imbalanced", 1): record_of(1, same_as="amtl"),
        ("toy", "amtl-imbalanced", 2): record_of(2, same_as="amtl"),
        ("zoo", "amtl-imbalanced", 1): record_of(1, same_as="amtl"),
        ("zoo", "amtl-imbalanced", 2): record_of(2),
        ("toy", "amtl", 1): record_of(1),
    }
    rows = [
        row
        for (d, m, k), each in found.items()
        for row in scores.score_rows({"dataset": d, "method": m, "split": k, **each})
    ]
    scores.write_table(tmp_path / "scores.csv", scores.SCORE_COLUMNS, rows)
    table = scores.Scores(tmp_path / "scores.csv")
    assert table.same_as("toy", "amtl-imbalanced") == "amtl"
    assert table.same_as("zoo", "amtl-imbalanced") is None and table.same_as("toy", "amtl") is None


@pytest.mark.parametrize(
    ("restarts", "spread"), [([4.0, 5.0, 4.5], 0.25), ([-4.0, -3.0], 0.25), ([2.0, 2.0], 0.0), ([2.0], None)]
)
def test_the_spread_of_restarts_is_relative_to_the_best(restarts, spread):
    fit = {**dict(dataset="toy", split=1, method="stl"), **record_of(restarts=restarts)}
    rows = {row[4]: row[5] for row in scores.score_rows(fit) if row[3] == "all"}
    assert rows.get("restart_spread") == (None if spread is None else repr(spread))
    assert rows.get("restarts") == (None if spread is None else repr(float(len(restarts))))


def test_times_are_in_their_own_file(results):
    rows = read(results / "timings.csv")
    assert len(rows) == 6
    (row,) = [row for row in rows if (row["dataset"], row["method"], row["split"]) == ("toy", "stl", "2")]
    assert (row["tune"], row["fit"], row["total"]) == ("2.0", "2.0", "4.0")


def test_warnings_methods_and_versions_are_listed(tmp_path):
    found = contents()
    found["zoo", "stl", 1]["warnings"] = ["rho is high", "odd, it\nseems"]
    put(tmp_path / "fits", found)
    assert collect(tmp_path / "fits", tmp_path, found).returncode == 0
    assert [tuple(row.values()) for row in read(tmp_path / "warnings.csv")] == [
        ("toy", "1", "amtl", "lam is low"),
        ("toy", "2", "amtl", "lam is low"),
        ("zoo", "1", "stl", "rho is high"),
        ("zoo", "1", "stl", "odd, it\nseems"),
    ]
    objective, citation = (record_of()[key] for key in ("objective_formula", "citation"))
    assert [tuple(row.values()) for row in read(tmp_path / "methods.csv")] == [
        ("amtl", "AMTL, $5", "squared", objective, citation),
        ("stl", "STL", "squared", objective, citation),
    ]
    assert [tuple(row.values()) for row in read(tmp_path / "versions.csv")] == [
        ("numpy", "2.4.0", "6"),
        ("python", "3.11.2", "6"),
    ]


def test_reading_back_gives_what_was_written(results):
    found = scores.Scores(results / "scores.csv")
    assert found.values("toy", "stl", "rmse") == {1: 20.0 + 1 / 3, 2: 20.0 + 2 / 3}
    assert found.tasks("toy", "stl", "rmse") == TASKS
    assert found.values("toy", "stl", "auc", "1") == {}, "an undefined score is missing"
    assert found.values("toy", "mtfl", "rmse") == {}
    assert found.primary_metric("toy") == found.task_metric("toy") == "rmse"


@pytest.mark.parametrize(
    ("metric", "primary"), [("rmse", "rmse"), ("class_error", "error"), ("binary_error", "error")]
)
def test_the_metric_follows_from_the_scores(tmp_path, metric, primary):
    path = tmp_path / "scores.csv"
    rows = [("toy", 1, "stl", "all", "objective", 1.0), ("toy", 1, "stl", "all", primary, 1.0)]
    rows += [
        ("toy", 1, "stl", "a", metric, 1.0),
        ("toy", 1, "stl", "a", "train_loss", 1.0),
        ("zoo", 1, "stl", "all", "rmse", 1.0),
    ]
    scores.write_table(path, scores.SCORE_COLUMNS, rows)
    found = scores.Scores(path)
    assert (found.primary_metric("toy"), found.task_metric("toy")) == (primary, metric)


# --- trust --------------------------------------------------------------------------------------------------


def changed(path, **changes):
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **changes}))


def overwritten(path, job):
    content = load_record(path)
    save_record(path, Made(job), content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_text(path.read_text(encoding="utf-8")[:100]),
        lambda path: path.write_text("[]"),
        lambda path: path.write_bytes(b"\xff\xfe\x00"),
        lambda path: path.unlink(),
        lambda path: changed(path, residual=0.5),
        lambda path: changed(path, split=4),
        lambda path: overwritten(path, "other settings"),
        lambda path: shutil.copy(path.with_name("split2.json"), path),
        lambda path: shutil.copy(path.parents[2] / "zoo" / "stl" / "split1.json", path),
    ],
    ids=["cut", "list", "binary", "gone", "edited", "moved", "stale", "of split 2", "of another dataset"],
)
def test_a_fit_that_the_run_did_not_make_is_one_line_that_names_it(results, tmp_path, damage):
    shutil.copytree(results / "fits", tmp_path / "fits")
    path = tmp_path / "fits" / "toy" / "stl" / "split1.json"
    damage(path)
    done = collect(tmp_path / "fits", tmp_path, contents())
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert str(path) in line
    assert not (tmp_path / "scores.csv").exists() and not (tmp_path / "scores.json").exists()


def test_changed_code_places_nothing(results, tmp_path):
    done = collect(results / "fits", tmp_path, contents(), code="of yesterday")
    assert done.returncode == 1 and not list(tmp_path.iterdir())


def test_the_record_holds_the_job_and_the_sum_of_each_table(results):
    job = ScoresJob(
        fits=fit_set(sorted(contents())), titles=TITLES, code=CodeDependencies().digest("scripts.scores")
    )
    record = load_record(results / "scores.json", job.digest)
    assert record["files"] == {f"{name}.csv": file_checksum(results / f"{name}.csv") for name in NAMES}
    for name in NAMES:
        assert scores.check_tidy(results / f"{name}.csv", job.digest) == results / f"{name}.csv"


@pytest.mark.parametrize("name", NAMES)
def test_a_table_that_is_not_the_runs_is_refused(results, tmp_path, name):
    for path in results.glob("scores.json"), results.glob("*.csv"):
        for each in path:
            shutil.copy(each, tmp_path)
    digest = json.loads((results / "scores.json").read_text(encoding="utf-8"))["job"]
    path = tmp_path / f"{name}.csv"
    with pytest.raises(StaleResult, match="scores.json"):
        scores.check_tidy(path, "of another run")
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(StaleResult, match=f"{name}.csv"):
        scores.check_tidy(path, digest)
