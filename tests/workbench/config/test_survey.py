"""The configurations of the survey: equal terms for all methods, curves, and a part without network."""

from pathlib import Path

import pytest

from workbench import config as configuration
from workbench.plan import make_plan
from workbench.report._variants import curves


@pytest.fixture
def plan(project, tmp_path, monkeypatch):
    """Return the function that plans the survey with further files of config/."""
    monkeypatch.chdir(tmp_path)

    def make(*more):
        files = [project / "config" / name for name in ("config.yaml", "survey.yaml", *more)]
        return make_plan(configuration.read(list(map(Path, files))), project, search=False)

    return make


def test_no_method_of_the_survey_penalizes_the_intercept(plan):
    planned = plan()
    for method in planned.info.methods:
        if method.name not in ("mean", "oracle"):
            options = planned.entry("methods", method.name)["options"]
            assert options["intercept"] == "free", method.name


def test_the_survey_has_a_curve_for_each_kind_of_robustness(plan):
    found = {curve.option: len(curve.datasets) for curve in curves(plan().info)}
    assert found == {"train_rows": 3, "tasks": 3, "imbalance": 3, "outliers": 3}


def test_the_default_part_needs_no_file(plan):
    default, whole = plan("survey-default.yaml"), plan()
    assert set(default.datasets) < set(whole.datasets) and default.run["methods"] == whole.run["methods"]
    assert not any(default.wanted_files(name) for name in default.datasets)
    assert {"train_rows", "outliers"} <= {curve.option for curve in curves(default.info)}
