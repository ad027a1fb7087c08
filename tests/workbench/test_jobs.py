"""Jobs as data: one JSON form, and digests that change with everything a result depends on."""

import json
from dataclasses import fields, replace

import pytest

from amtl.errors import InputError
from workbench import jobs, source_loader
from workbench.jobs import AcquireJob, FeaturesJob, FitJob, FitSet, PlainJob, ScoresJob, TableJob, to_json
from workbench.run_info import DatasetInfo, MethodInfo, NotRun, RunInfo

FIT = FitJob(
    dataset="synthetic",
    split=1,
    method="stl",
    module="amtl.methods.single.stl",
    loss="squared",
    options={"rho": None, "intercept": "feature"},
    grid_points=6,
    seed=0,
    max_iterations=10,
    tolerance=1e-6,
    data="d" * 20,
    code="c" * 20,
)
OTHER = {str: "other", int: 7, float: 0.5, dict: {"rho": 1.0}}
RUN = RunInfo(
    datasets=(DatasetInfo("synthetic", "Synthetic", "synthetic", "regression", True, 2),),
    methods=(MethodInfo("amtl", "AMTL", "amtl", learns=["graph"]),),
    ablations=(
        MethodInfo("short", "Short", "amtl", reference="amtl", changed={"alternations": 3}, question="Why?"),
    ),
    not_run=(NotRun("awa", "AWA", "awa", "no file"),),
    fitted={"synthetic": {"amtl": 2, "short": 1}},
    interval="t",
)
FITS = FitSet(splits={"synthetic": {"1": "s1", "2": "s2"}}, fits={"synthetic": {"amtl": ["m", [1, 2]]}})


@pytest.mark.parametrize(
    "job",
    [
        FIT,
        AcquireJob(file="a.mat", identity={"sha256": "x"}, checksum="", code="c"),
        ScoresJob(fits=FITS, titles={"amtl": "AMTL"}, code="c"),
        TableJob(name="t", module="m", run=RUN, fits=FITS, scores="s", others={}, registry={}, code="c"),
        PlainJob(name="publish", code="c"),
    ],
    ids=lambda job: type(job).__name__,
)
def test_a_job_comes_back_from_its_json(job):
    again = type(job).from_json(job.to_json())
    assert again == job and again.digest == job.digest


@pytest.mark.parametrize("name", [field.name for field in fields(FitJob)])
def test_every_field_but_the_split_number_changes_the_digest_of_a_fit(name):
    changed = replace(FIT, **{name: OTHER[type(getattr(FIT, name))]})
    # The number of the split is part of the digest of its data.
    assert (changed.digest == FIT.digest) == (name == "split")
    assert (changed.settings_digest == FIT.settings_digest) == (name in ("split", "data"))


def test_a_fit_set_gives_the_digest_of_each_fit():
    fits = FitSet(
        splits={"synthetic": {"1": FIT.data}}, fits={"synthetic": {"stl": [FIT.settings_digest, [1]]}}
    )
    assert list(fits) == [("synthetic", "stl", 1)]
    assert fits.fit_digest("synthetic", "stl", 1) == FIT.digest
    assert fits.split_digest("synthetic", 1) == FIT.data


def test_fits_are_listed_by_name_and_then_by_split():
    fits = FitSet(fits={"b": {"y": ["", [1]], "x": ["", [2, 10]]}, "a": {"z": ["", [1]]}})
    assert list(fits) == [("a", "z", 1), ("b", "x", 2), ("b", "x", 10), ("b", "y", 1)]


def test_a_folder_of_features_counts_for_its_job_and_not_for_its_readers():
    job = FeaturesJob(module="m", file="a.zip", identity={}, checksum="", listing="before", code="c")
    changed = replace(job, listing="after")
    assert changed.digest == job.digest and changed.to_json() != job.to_json()
    assert replace(job, file="b.zip").digest != job.digest


def test_jobs_of_two_kinds_differ():
    assert PlainJob(name="x", code="c").digest != jobs.SettingsJob(content={"name": "x"}, code="c").digest


def test_json_is_canonical_and_safe_in_a_page():
    text = to_json({"b": "</script><!--&", "a": 1})
    assert text == to_json({"a": 1, "b": "</script><!--&"})
    assert not set("<>&") & set(text) and json.loads(text) == {"a": 1, "b": "</script><!--&"}


def test_json_has_no_nan():
    with pytest.raises(ValueError):
        to_json({"a": float("nan")})


@pytest.fixture
def planned(monkeypatch):
    """A job whose code is that of the present files."""
    dependencies = jobs.CodeDependencies()
    job = PlainJob(name="publish", code="")
    return replace(job, code=dependencies.digest(*job.modules))


def test_the_planned_code_is_accepted(planned):
    planned.require_code()


def test_other_code_than_planned_is_refused(planned):
    with pytest.raises(InputError, match="publish"):
        replace(planned, code="0" * 20).require_code()


def test_code_that_was_loaded_before_it_was_put_back_is_refused(planned, monkeypatch):
    path = str(source_loader_root() / "scripts" / "publish.py")
    monkeypatch.setitem(source_loader.compiled, path, b"other code")
    with pytest.raises(InputError, match="publish"):
        planned.require_code()


def source_loader_root():
    from workbench.code_dependencies import ROOT

    return ROOT


def test_run_info_answers_by_name():
    assert RUN.title("amtl") == "AMTL" and RUN.title("short") == "Short" and RUN.title("awa") == "AWA"
    assert RUN.title("unknown") == "unknown" and RUN.dataset("awa") is None
    assert RUN.splits_of("synthetic", "short") == [1] and RUN.splits_of("mnist", "amtl") == []
    assert [each.name for each in RUN.methods_that(control=False)] == ["amtl"]
    assert RUN.methods_that(control=True) == []
