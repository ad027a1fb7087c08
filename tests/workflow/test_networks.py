"""Small networks in the workflow: the same results at any number of cores, and what an edit runs again."""

import pytest
import yaml

from helpers.workflow_copy import copy_project, fits

pytestmark = pytest.mark.slow

TABLES = ("statements-networks", "statement-evidence-networks", "accuracy-networks", "step-cost")
FIGURES = ("fronts", "conflicts")
TRAINING = {"steps": 20, "checks": 4, "width": 8}
SETTINGS = {
    "run": {
        "datasets": ["multi-mnist", "small-right"],
        "methods": ["net-single", "net-equal", "net-static", "net-nash", "net-rlw"],
        "ablations": ["net-static-4-to-1"],
        "splits": 2,
        "grid_points": 6,
    },
    "report": {"outputs": [*TABLES, *FIGURES, "data", "methods"]},
    "datasets": {"small-right": {"dataset": "multi-mnist", "title": "Small right", "loss_scale": 0.02}},
    "methods": {
        **{name: TRAINING for name in ("net-single", "net-equal", "net-static", "net-nash", "net-rlw")},
        "net-static-4-to-1": {"method": "net-static", "ratio": 4, "question": "Which front?", **TRAINING},
    },
}


@pytest.fixture(scope="module")
def untouched(project, tmp_path_factory):
    """A copy of the project with a small run of networks, in which nothing has run yet."""
    copy = copy_project(project, tmp_path_factory.mktemp("untouched") / "project")
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def compared(untouched, tmp_path_factory):
    """The same copy after a complete run on two cores."""
    copy = untouched.duplicate(tmp_path_factory.mktemp("compared") / "project")
    copy.succeed(cores=2)
    return copy


def test_every_result_is_made_and_nothing_is_left_to_do(compared):
    results = compared.root / "results"
    for name in TABLES:
        assert all(
            (results / "tables" / f"{name}.{suffix}").stat().st_size for suffix in ("csv", "md", "html")
        )
    for name in FIGURES:
        assert all((results / "figures" / f"{name}.{suffix}").stat().st_size for suffix in ("svg", "pdf"))
    assert len(list((results / "fits").rglob("*.json"))) == 2 * 2 * 6
    assert compared.planned() == set()


def test_one_core_and_one_dataset_give_the_same_bytes(compared, untouched, tmp_path):
    copy = untouched.duplicate(tmp_path / "project")
    copy.configure(lambda config: config["run"].update(datasets=["small-right"]))
    copy.succeed("results/scores.csv", cores=1)
    found, expected = (
        {path: digest for path, digest in each.results().items() if path.startswith("fits/small-right")}
        for each in (copy, compared)
    )
    assert len(found) == 2 * 2 * 6
    assert found == expected


def test_a_balancing_rule_repeats_its_own_fits(compared, tmp_path):
    copy = compared.duplicate(tmp_path / "project")
    copy.edit("workflow/amtl/networks/balancing/nash.py")
    assert {method for method, _ in fits(copy.planned("results/scores.csv"))} == {"net-nash"}
