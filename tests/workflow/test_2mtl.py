"""2MTL in the workflow: the same results at any number of cores, and what runs again after a change."""

import pytest
import yaml

from helpers.killed_runs import alive, jobs_at_work, kill, leftovers, printed, restart, start, wait_until
from helpers.workflow_copy import copy_project, fits

pytestmark = pytest.mark.slow

TABLES = ("claims-2mtl", "evidence-2mtl", "solvers", "step-sizes", "accuracy-2mtl")
FIGURES = ("solvers", "similarities")
SMALL = {"tasks": 6, "clusters": 2, "train_rows": 10, "validation_rows": 10, "test_rows": 20}
SETTINGS = {
    "run": {
        "datasets": ["task-clusters", "three-classes", "sequence-clusters"],
        "methods": ["single", "merged", "two-mtl", "two-mtl-cor", "two-mtl-fixed", "amtl"],
        "splits": 2,
        "grid_points": 6,
    },
    "report": {"outputs": [*TABLES, "similarities", "convergence", "data", "methods"]},
    "datasets": {
        "task-clusters": {**SMALL, "features": 5},
        "three-classes": {
            "dataset": "task-clusters",
            "title": "Three classes",
            **SMALL,
            "classes": 3,
            "splits": 1,
        },
        "sequence-clusters": {**SMALL, "train_rows": 5, "validation_rows": 5},
    },
    "methods": {"two-mtl-cor": {"method": "two-mtl", "title": "2MTL, Cor", "similarity": "cor"}},
}


@pytest.fixture(scope="module")
def untouched(project, tmp_path_factory):
    """A copy of the project with a small run of 2MTL, in which nothing has run yet."""
    copy = copy_project(project, tmp_path_factory.mktemp("untouched") / "project")
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def compared(untouched, tmp_path_factory):
    """The same copy after a complete run on two cores."""
    copy = untouched.duplicate(tmp_path_factory.mktemp("compared") / "project")
    copy.succeed(cores=2)
    return copy


def compares_solvers(planned):
    return any(message.startswith("Comparing the solvers") for message in planned)


def test_every_result_is_made_and_nothing_is_left_to_do(compared):
    results = compared.root / "results"
    for name in TABLES:
        assert all(
            (results / "tables" / f"{name}.{suffix}").stat().st_size
            for suffix in ("csv", "md", "tex", "html")
        )
    for name in FIGURES:
        assert all((results / "figures" / f"{name}.{suffix}").stat().st_size for suffix in ("svg", "pdf"))
    # Two splits of two datasets, one of the other; AMTL takes binary tasks alone.
    assert len(list((results / "solvers").rglob("*.json"))) == 5
    assert len(list((results / "fits").rglob("*.json"))) == 5 * 5 + 2
    assert compared.planned() == set()


def test_one_core_and_one_dataset_give_the_same_bytes(compared, untouched, tmp_path):
    copy = untouched.duplicate(tmp_path / "project")
    copy.configure(lambda config: config["run"].update(datasets=["sequence-clusters"]))
    copy.succeed(cores=1)
    found, expected = (
        {path: digest for path, digest in each.results().items() if path.startswith(("fits/s", "solvers/s"))}
        for each in (copy, compared)
    )
    assert len(found) >= 2 * (5 + 1)
    assert found == expected


@pytest.mark.parametrize("whole", [True, False], ids=["with its jobs", "without its jobs"])
def test_a_run_that_is_killed_while_it_compares_solvers_goes_on(compared, untouched, tmp_path, whole):
    copy = untouched.duplicate(tmp_path / "project")
    process = start(copy)
    wait_until(lambda: any(jobs_at_work(process, "solvers")), process)
    assert process.poll() is None, printed(copy)
    kill(process, whole)
    restart(copy)
    wait_until(lambda: not alive(process))
    assert copy.results() == compared.results() and not leftovers(copy)
    assert copy.planned() == set()


@pytest.mark.parametrize(
    ("file", "methods", "solvers"),
    [
        ("amtl/two_mtl/methods/two_mtl.py", {"two-mtl", "two-mtl-cor"}, False),
        ("amtl/two_mtl/steps.py", set(SETTINGS["run"]["methods"]) - {"amtl"}, True),
        ("amtl/two_mtl/study.py", set(), True),
        ("scripts/solvers.py", set(), True),
        ("workbench/papers/sun_2mtl/claims.py", set(), False),
    ],
)
def test_an_edited_file_runs_the_jobs_that_use_it(compared, tmp_path, file, methods, solvers):
    copy = compared.duplicate(tmp_path / "project")
    copy.edit(f"workflow/{file}")
    planned = copy.planned()
    assert {method for method, _ in fits(planned)} == methods
    assert compares_solvers(planned) == solvers
    assert "Making the table claims-2mtl" in planned


def test_an_edited_graph_solver_runs_no_job_of_2mtl(compared, tmp_path):
    copy = compared.duplicate(tmp_path / "project")
    copy.edit("workflow/amtl/solvers/graph_b.py")
    planned = copy.planned()
    assert fits(planned) == {("amtl", "task-clusters")}
    assert not compares_solvers(planned)


def test_all_outputs_of_a_run_without_linear_tasks_can_be_planned(untouched, tmp_path):
    copy = untouched.duplicate(tmp_path / "project")
    names = ["sequence-clusters", "three-classes"]
    methods = ["lasso", *SETTINGS["run"]["methods"]]
    copy.configure(
        lambda config: (config.pop("report"), config["run"].update(datasets=names, methods=methods))
    )
    planned = copy.planned()
    assert "Making the table accuracy-2mtl" in planned
    # The gains of pairs are those of linear tasks; no fit has a trace for the figure.
    assert not any(message.startswith("Measuring what tasks gain") for message in planned)
    copy.configure(lambda config: config["run"].update(methods=["lasso", "mean", "single"]))
    assert "Drawing objective" not in copy.planned()
