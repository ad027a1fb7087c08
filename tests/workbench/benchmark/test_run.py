"""The record of a case holds what was measured, on what, and with which packages."""

import pytest

from workbench import plugins
from workbench.benchmark import run
from workbench.benchmark._spec import CaseSpec
from workbench.jobs import BenchmarkCaseJob

PLAN = {"repeats": 1, "warmups": 0, "tolerance": 1e-6, "time_limit": 1.0}
NOT_RUN = {"usps": "usps.h5 is missing"}


@pytest.fixture
def record_of(monkeypatch):
    """Return the function that runs a made-up case on datasets; its settings are named after them."""
    case = CaseSpec(
        title="A title",
        convex=False,
        settings=lambda sources: {name: {"name": name} for name in sources or ["generated"]},
        contenders=None,
        judge=None,
    )
    monkeypatch.setattr(plugins, "load_module", lambda module: case)
    monkeypatch.setattr(run, "measure", lambda module, given, plan: [module, given["name"], plan.repeats])

    def record(sources, not_run):
        return run.run_case(BenchmarkCaseJob("a-case", "module", PLAN, sources, not_run, code=""))

    return record


def test_record_of_a_case(record_of):
    record = record_of({"school": {}}, NOT_RUN)
    setting = {"setting": "school", "shape": {}, "contenders": ["module", "school", 1]}
    assert record.pop("versions").keys() >= {"python", "numpy", "scipy"}
    assert record == {
        "case": "a-case",
        "title": "A title",
        "plan": PLAN,
        "not_run": NOT_RUN,
        "convex": False,
        "datasets": ["school"],
        "settings": [setting],
    }


def test_a_case_without_any_of_its_datasets_is_not_measured(record_of):
    assert record_of({}, NOT_RUN)["settings"] == []


def test_a_case_that_reads_no_dataset_is_measured(record_of):
    (setting,) = record_of({}, {})["settings"]
    assert setting["setting"] == "generated"


def test_packages_that_are_not_installed_have_no_version(monkeypatch):
    monkeypatch.setattr(run, "PACKAGES", ("numpy", "a-package-that-does-not-exist"))
    assert run.versions().keys() == {"python", "numpy"}
