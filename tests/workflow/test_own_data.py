"""Tables of a user's own, which the project has no code for: from the file alone to the report."""

import csv
import json

import numpy as np
import pytest

from helpers.own_tables import regression_rows, write
from helpers.workflow_copy import error_line, require_success

pytestmark = pytest.mark.slow

SETTINGS = {"splits": 2, "grid_points": 6, "max_iterations": 30, "tolerance": 1.0e-2}
METHODS = ["stl", "amtl"]
PARKINSONS, WISDM = "parkinsons/parkinsons_updrs.data", "wisdm/WISDM_ar_v1.1_transformed.arff"


def diabetes():
    """Progression of diabetes, a task for each sex."""
    from sklearn.datasets import load_diabetes

    frame = load_diabetes(as_frame=True, scaled=False).frame
    return frame, {"task": "sex", "target": "target"}


def wine():
    """Three cultivars of wine, a task for each."""
    from sklearn.datasets import load_wine

    frame = load_wine(as_frame=True).frame
    frame["target"] = frame["target"].map({0: "Barolo", 1: "Grignolino", 2: "Barbera"})
    return frame, {"target": "target"}


def breast_cancer():
    """Malignant or benign, in tasks by thirds of the texture."""
    import pandas as pd
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame
    frame["texture"] = pd.qcut(frame["mean texture"], 3, labels=["low", "middle", "high"]).astype(str)
    return frame, {"task": "texture", "target": "target"}


def linnerud():
    """Three measures of 20 men, each from three exercises: a task per measure."""
    from sklearn.datasets import load_linnerud

    data = load_linnerud(as_frame=True)
    frame = data.data.join(data.target).melt(
        id_vars=list(data.data), value_vars=list(data.target), var_name="measure", value_name="value"
    )
    return frame, {"task": "measure", "target": "value"}


BUNDLED = {"diabetes": diabetes, "wine": wine, "breast-cancer": breast_cancer, "linnerud": linnerud}
SHARED = {
    "parkinsons": (PARKINSONS, {"task": "subject#", "target": "motor_UPDRS", "drop": ["total_UPDRS"]}),
    "wisdm": (WISDM, {"target": "class", "drop": ["UNIQUE_ID", "user"]}),
}


@pytest.fixture(scope="module")
def report(fresh, request, tmp_path_factory):
    """A copy after a run on all tables that are there, to the report."""
    folder = tmp_path_factory.mktemp("tables")
    copy = fresh.duplicate(folder / "project")
    entries = {}
    for name, make in BUNDLED.items():
        frame, roles = make()
        frame.to_csv(folder / f"{name}.csv", index=False)
        entries[name] = {"table": str(folder / f"{name}.csv"), **roles}
    try:
        data = request.getfixturevalue("shared_data")
    except pytest.skip.Exception:
        data = folder
    for name, (file, roles) in SHARED.items():
        if (data / file).is_file():
            entries[name] = {"table": str(data / file), **roles}
    run = {"datasets": list(entries), "methods": METHODS, **SETTINGS}
    copy.configure(lambda config: config.update(datasets=entries, run=run))
    copy.succeed("results/report.html", "results/tables/columns.csv")
    return copy


@pytest.mark.parametrize("name", [*BUNDLED, *SHARED])
def test_a_table_runs_from_its_file_to_the_report(report, name):
    with (report.root / "results/tables/comparison.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["dataset"] == name]
    if name in SHARED and not rows:
        pytest.skip(f"{SHARED[name][0]} is not in the shared data; set DATA to a folder that has it")
    assert [row["method"] for row in sorted(rows, key=lambda row: row["method"])] == ["amtl", "stl"]
    assert all(0 <= float(row["mean"]) < np.inf for row in rows)
    assert sum(row["best"] == "1" for row in rows) == 1
    page = (report.root / "results/report.html").read_text(encoding="utf-8")
    assert page.index('id="tables-comparison"') < page.index('id="tables-table1"')
    for output in ("tables-tasks", "tables-columns", "tables-data"):
        assert f'id="{output}"' in page


def test_the_file_is_read_where_it_is_and_its_content_is_part_of_the_job(report, copy_of, tmp_path):
    copy = copy_of(report)
    assert not list((copy.root / "results").rglob("diabetes.csv"))
    assert copy.planned("results/scores.csv") == set()
    moved = tmp_path / "moved.csv"
    source = report.root.parent / "diabetes.csv"
    moved = tmp_path / "elsewhere" / source.name
    moved.parent.mkdir()
    moved.write_bytes(source.read_bytes())
    copy.configure(lambda config: config["datasets"]["diabetes"].update(table=str(moved)))
    assert copy.planned("results/scores.csv") == set()
    with moved.open("a", encoding="utf-8") as stream:
        stream.write(moved.read_text(encoding="utf-8").splitlines()[-1] + "\n")
    planned = copy.planned("results/scores.csv")
    assert "Preparing split 1 of diabetes" in planned and "Fitting stl on split 2 of diabetes" in planned
    assert not [job for job in planned if "wine" in job]


NAMES = ["all", "$5_$10", "</script><b>&amp;", "it's \\\"%", "😀", "x" * 300, "{split}", "_hidden"]


@pytest.fixture(scope="module")
def odd_table(tmp_path_factory):
    """A table whose file, columns and tasks have names that a shell, HTML or a formula would read."""
    import pandas as pd

    columns = regression_rows(len(NAMES))
    columns["task"] = [name for name in NAMES for _ in range(12)]
    columns = {f"$({name}) {{x}} 'q'": values for name, values in columns.items()}
    path = tmp_path_factory.mktemp("odd") / "my $(data) {x} 'q' é.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def of_table(path, task, target):
    return [f"DATA_TABLE={path}", f"TASK={task}", f"TARGET={target}"]


def test_one_command_compares_methods_whatever_the_names(fresh, copy_of, odd_table):
    copy = copy_of(fresh)
    copy.configure(lambda config: config["run"].update(methods=METHODS, **SETTINGS))
    given = of_table(odd_table, "$(task) {x} 'q'", "$(y) {x} 'q'")
    done = require_success(copy.make(*given))
    assert f"{odd_table.name}: " in done.stdout and "Report: " in done.stdout
    page = (copy.root / "results/report.html").read_text(encoding="utf-8")
    assert "</script><b>" not in page and page.count("<script") == 2
    data = json.loads(page.partition('id="graphs-data">')[2].partition("</script>")[0])
    assert data["datasets"][0]["tasks"] == sorted(
        ["all (task)", *NAMES[1:]], key=data["datasets"][0]["tasks"].index
    )
    import xml.dom.minidom

    for figure in (copy.root / "results/figures").glob("*.svg"):
        xml.dom.minidom.parse(str(figure))
    second = require_success(copy.make(*given))
    assert "Nothing to be done" in second.stdout + second.stderr


def test_names_in_the_environment_are_not_those_of_columns(fresh, copy_of):
    copy = copy_of(fresh)
    done = copy.make("dry-run", variables={"TARGET": "arm", "TASK": "x", "DATA_TABLE": "no.csv"})
    assert "missing" in require_success(done).stdout


def test_the_check_says_what_was_understood_and_runs_nothing(fresh, copy_of, odd_table, tmp_path):
    copy = copy_of(fresh)
    done = require_success(copy.make("data-check", *of_table(odd_table, "$(task) {x} 'q'", "$(y) {x} 'q'")))
    for text in ("96 rows", "8 tasks", "regression", "$(a) {x} 'q'", "all (task)"):
        assert text in done.stdout
    assert [path.name for path in (copy.root / "results").iterdir()] == ["data-check.html"]
    page = (copy.root / "results/data-check.html").read_text(encoding="utf-8")
    assert "</script>" not in page and "$(a) {x}" in page
    bad = write(tmp_path / "bad.csv", {**regression_rows(), "y2": ["x"] * 36})
    done = copy.make("data-check", *of_table(bad, "task", "y3"))
    assert done.returncode != 0 and "Refused: bad.csv: target: no column 'y3'" in done.stdout
    assert "y2" in done.stdout


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["TASK=subject"], "DATA_TABLE"),
        (["DATA_TABLE=no.csv", "TARGET=y"], "no.csv: no such file"),
        (["data_table=x.csv"], "DATA_TABLE"),
    ],
)
def test_wrong_commands_are_named_before_anything_runs(fresh, copy_of, given, named):
    copy = copy_of(fresh)
    assert named in error_line(copy.make(*given))
    assert not (copy.root / "results").exists()
