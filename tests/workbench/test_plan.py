"""The plan of a run: which datasets, methods, splits, files, jobs, tables and figures it has."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from amtl.errors import InputError
from workbench import config as configuration
from workbench import plan as plan_module
from workbench.plan import SCORES_RECORD, SETTINGS, Plan, make_plan
from workbench.raw_files.availability import Availability
from workbench.result_files import save_arrays, save_file_record

RUN = {"datasets": ["synthetic"], "methods": ["stl", "mean", "amtl"], "splits": 2, "grid_points": 6}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plan(project, folder):
    """Return the function that plans a run: keys of `run`, and other sections of the configuration."""

    def make(sections=None, **run):
        return make_plan({"run": {**RUN, **run}, **(sections or {})}, project)

    return make


def without(plan, *absent):
    """Return the same plan when the raw files `absent` are unavailable."""
    return Plan(plan.config, plan.registry, Availability([], [], {name: [] for name in absent}))


def all_available(project, **run):
    """Return a plan that takes all raw files for available, as on the nodes of a cluster."""
    return make_plan({"run": {**RUN, **run}}, project, search=False)


def test_every_method_is_fitted_on_every_split(plan):
    assert plan().fits() == [("synthetic", method, k) for method in ("stl", "mean", "amtl") for k in (1, 2)]
    assert plan().fit_files("json")[0] == "results/fits/synthetic/stl/split1.json"


def test_methods_that_cannot_be_used_on_a_dataset_are_left_out(plan):
    mnist = plan(datasets=["synthetic", "mnist"], methods=["pooled", "oracle", "stl"])
    assert mnist.methods_for("mnist") == ["stl"]
    assert mnist.methods_for("synthetic") == ["pooled", "oracle", "stl"]


def test_a_dataset_without_any_method_is_an_error(plan):
    with pytest.raises(InputError, match="run.methods.*oracle.*mnist"):
        plan(datasets=["mnist"], methods=["oracle"])


def test_a_dataset_has_no_more_splits_than_its_files(project, folder):
    planned = all_available(
        project, datasets=["synthetic-authors", "imbalanced-authors", "synthetic"], splits=9
    )
    assert [len(planned.splits(name)) for name in planned.datasets] == [1, 5, 9]


def test_a_grid_is_divided_among_jobs_where_the_data_are_large_or_the_run_says_so(plan, monkeypatch):
    monkeypatch.setattr(plan_module, "LARGE_BYTES", 1000)
    Path("mine.csv").write_text("y,a,x\n1,a,2\n", encoding="utf-8")
    Path("large.csv").write_text("y,a,x\n" + 200 * "1,a,2\n", encoding="utf-8")
    table = {"target": "y", "task": "a", "kind": "regression"}
    entries = {
        "many": {"dataset": "family", "tasks": plan_module.LARGE_TASKS + 1},
        "some": {"dataset": "family", "tasks": plan_module.LARGE_TASKS},
        "mine": {"table": "mine.csv", **table},
        "large": {"table": "large.csv", **table},
    }
    for given, count, others in ((None, 1 + plan_module.PATH_JOBS, 0), (3, 4, 4), (0, 0, 0)):
        planned = plan({"datasets": entries}, datasets=list(entries), path_jobs=given)
        found = {name: len(planned.path_files(name, "amtl", 1)) for name in entries}
        assert found == {"many": count, "large": count, "some": others, "mine": others}
        # Strengths of one hyper-parameter are one path.
        assert planned.path_files("many", "stl", 1) == []


def test_parts_of_a_grid_are_jobs_of_their_own(plan):
    planned = plan(path_jobs=2)
    digests = {planned.paths("synthetic", "amtl", 1, part).digest for part in range(3)}
    assert len(digests | {planned.fit("synthetic", "amtl", 1).digest}) == 4
    # How a grid is divided changes no fit.
    assert planned.fit("synthetic", "amtl", 1).digest == plan().fit("synthetic", "amtl", 1).digest
    first = [planned.path_file("synthetic", "amtl", 1, 0)]
    assert [planned.first_path("synthetic", "amtl", 1, part) for part in range(3)] == [[], first, first]


def test_an_entry_may_have_fewer_splits_than_the_run(plan):
    entries = {"few": {"dataset": "synthetic", "splits": 2}, "many": {"dataset": "synthetic", "splits": 9}}
    planned = plan({"datasets": entries}, datasets=["synthetic", *entries], splits=3)
    counts = {name: len(planned.splits(name)) for name in planned.datasets}
    assert counts == {"synthetic": 3, "few": 2, "many": 3}
    assert planned.fit("few", "stl", 1).options == planned.fit("synthetic", "stl", 1).options


def test_splits_are_counted_up_to_the_first_file_that_is_unavailable(project, folder):
    planned = all_available(project, datasets=["imbalanced-authors"], splits=9)
    assert without(planned, "synthetic_inbalance_3.mat").splits("imbalanced-authors") == [1, 2]


def test_ablations_are_fitted_on_their_datasets_and_first_splits(plan):
    sections = {"methods": {"short": {"method": "amtl", "alternations": 2, "question": "Why?"}}}
    run = {"ablations": ["short"], "ablation_datasets": ["synthetic"], "ablation_splits": 1}
    planned = plan(sections, datasets=["synthetic", "imbalanced"], **run)
    assert [fit for fit in planned.fits() if fit[1] == "short"] == [("synthetic", "short", 1)]
    (ablation,) = planned.info.ablations
    assert (
        ablation.reference == "amtl"
        and ablation.changed == {"alternations": 2}
        and ablation.question == "Why?"
    )


def test_an_unavailable_dataset_is_left_out_with_a_reason(project, folder):
    planned = without(all_available(project, datasets=["synthetic", "school"]), "school_b.mat")
    assert planned.datasets == ["synthetic"]
    (missing,) = planned.info.not_run
    assert missing.name == "school" and "school_b.mat" in missing.reason
    assert "school_b.mat" in planned.advice()[0]
    assert planned.settings.content["not_run"].keys() == {"school"}


def test_without_network_one_line_names_all_datasets(project, folder):
    planned = all_available(project, datasets=["synthetic", "school", "mnist", "awa"])
    planned.config["datasets"]["mnist"]["options"]["source"] = "idx"
    names = [name for each in planned.datasets for name in planned.wanted_files(each)]
    absent = {name: [] if "AwA" in name else [f"http://a.invalid/{name} (no answer)"] for name in names}
    planned = Plan(planned.config, planned.registry, Availability((), (), absent, "no answer"))
    alone, together = planned.advice()
    assert alone.startswith("awa: ") and together.startswith("school, mnist: no network")
    assert together.count("http") == 0


@pytest.mark.parametrize(
    "run", [{"datasets": ["school"]}, {"datasets": ["synthetic", "school"], "strict": True}]
)
def test_an_unavailable_dataset_is_an_error_if_strict_or_alone(run, project, folder):
    with pytest.raises(InputError, match="school_b.mat"):
        without(all_available(project, **run), "school_b.mat")


def test_datasets_and_methods_are_shown_in_the_order_of_their_specs(plan):
    sections = {
        "datasets": {"mine": {"dataset": "synthetic", "train_rows": 10}},
        "methods": {"other": {"method": "stl"}},
    }
    info = plan(
        sections, datasets=["mine", "imbalanced", "synthetic"], methods=["amtl", "other", "mean", "stl"]
    ).info
    assert [each.name for each in info.datasets] == ["synthetic", "imbalanced", "mine"]
    assert [each.name for each in info.methods] == ["stl", "amtl", "mean", "other"]
    assert info.dataset("mine").dataset == "synthetic" and info.method("other").method == "stl"
    assert info.fitted["mine"] == {"amtl": 2, "other": 2, "mean": 2, "stl": 2}


# --- what a job depends on --------------------------------------------------------------------------------


def digests(planned):
    """Return {job: digest} of the split and the fits of Synthetic and of what is shown."""
    found = {fit: planned.fit(*fit).digest for fit in planned.fits()}
    found |= {("split", k): planned.prepare("synthetic", k).digest for k in (1, 2)}
    found |= {"scores": planned.scores.digest, "settings": planned.settings.to_json()}
    found |= {name: planned.output("tables", name).digest for name in planned.tables}
    return found | {name: planned.output("figures", name).digest for name in planned.figures}


def changed(before, after):
    """Return the kinds of jobs that differ: splits, the methods of fits, and names of the others."""
    first, second = digests(before), digests(after)
    names = {key for key in first.keys() | second.keys() if first.get(key) != second.get(key)}
    return {key[0] if key[0] == "split" else key[1] if isinstance(key, tuple) else key for key in names}


def test_an_option_of_a_method_changes_its_fits_and_what_shows_scores(plan):
    found = changed(plan(), plan({"methods": {"amtl": {"delta": "validation"}}}))
    assert {"amtl", "scores", "table1", "claims", "figure1b", "settings"} <= found
    assert not found & {"stl", "mean", "split", "figure1a", "data"}


def test_an_option_of_a_dataset_changes_its_splits_and_all_that_follows(plan):
    found = changed(plan(), plan({"datasets": {"synthetic": {"noise_hard": 20.0}}}))
    assert {"split", "stl", "mean", "amtl", "scores", "figure1a", "table1", "data"} <= found


@pytest.mark.parametrize(
    "section",
    [
        {"datasets": {"synthetic": {"noise_hard": 25}}},
        {"datasets": {"synthetic": {"noise_easy": 5.0, "noise_hard": 25.0}}},
        {"methods": {"amtl": {"ridge": 0.1, "delta": "train"}}},
        {"data": {"attempts": 7, "timeout": 99}},
    ],
)
def test_a_default_that_is_given_and_how_files_are_fetched_change_nothing(section, plan):
    assert changed(plan(), plan(section)) == set()


def test_the_iterations_of_one_method_change_its_fits_alone(plan):
    found = changed(plan(), plan({"methods": {"amtl": {"max_iterations": 7}}}))
    assert {"amtl", "scores", "table1"} <= found and not found & {"stl", "mean", "split"}


def test_a_method_is_not_run_on_the_datasets_that_its_entry_excludes(plan):
    planned = plan({"methods": {"amtl": {"not_on": ["mnist"]}}}, datasets=["synthetic", "mnist"])
    assert "amtl" in planned.methods_for("synthetic") and "amtl" not in planned.methods_for("mnist")
    with pytest.raises(InputError, match="synthetik.*synthetic"):
        plan({"methods": {"amtl": {"not_on": ["synthetik"]}}})


def test_an_entry_of_a_dataset_may_name_its_methods(plan):
    few = {"datasets": {"few": {"dataset": "synthetic", "methods": ["stl"]}}}
    planned = plan(few, datasets=["synthetic", "few"])
    assert planned.methods_for("few") == ["stl"] and "amtl" in planned.methods_for("synthetic")
    with pytest.raises(InputError, match="datasets.few.methods.*stll.*stl"):
        plan({"datasets": {"few": {"dataset": "synthetic", "methods": ["stll"]}}})


def test_the_report_has_the_outputs_that_are_named(plan):
    planned = plan({"report": {"outputs": ["versions", "objective"]}})
    assert [name for _, name, _ in planned.shown] == ["objective", "versions"]
    assert not changed(planned, plan()) & {"split", "stl", "mean", "amtl", "scores"}
    with pytest.raises(InputError, match="report.outputs.*rankss.*ranks"):
        plan({"report": {"outputs": ["rankss"]}})


def test_a_title_changes_what_shows_it_and_no_fit(plan):
    found = changed(plan(), plan({"methods": {"amtl": {"title": "Ours"}}}))
    assert {"table1", "scores", "settings"} <= found and not found & {"split", "stl", "mean", "amtl"}


def test_the_kind_of_interval_changes_what_is_shown_and_no_score(plan):
    found = changed(plan(), plan({"report": {"interval": "normal"}}))
    assert {"table1", "improvement", "figure1d"} <= found
    assert not found & {"split", "stl", "mean", "amtl", "scores"}


def test_the_run_tells_which_datasets_have_overlapping_splits_and_the_claims_read_one_of_each(plan):
    planned = plan(datasets=["synthetic", "mnist"])
    assert {d.name: d.splits_overlap for d in planned.info.datasets} == {"synthetic": False, "mnist": True}
    for name in ("claims", "evidence"):
        assert planned.output_inputs("tables", name)["splits"] == [planned.split_file("mnist", 1)]


def test_two_entries_are_one_method_if_their_solutions_are_the_same(plan):
    entries = {
        "select": {"method": "mtfl", "learn": "select"},
        "free": {"method": "mtfl", "intercept": "free"},
        "again": {"method": "mtfl"},
    }
    run = plan({"methods": entries}, methods=["stl", "mtfl", *entries]).info
    found = {each.name: each.identity for each in run.methods}
    assert found["mtfl"] == found["again"]
    assert len(set(found.values())) == len(found) - 1


def test_the_run_tells_the_options_of_a_dataset_and_no_path_of_a_file_of_the_users(project, folder):
    rows = [f"{k % 2},{k / 3},{k / 7}" for k in range(40)]
    Path("mine.csv").write_text("\n".join(["a,b,y", *rows, ""]), encoding="utf-8")
    entries = {"mine": {"table": "mine.csv", "target": "y", "task": "a"}, "free": {"dataset": "synthetic"}}
    run = make_plan({"run": {**RUN, "datasets": list(entries)}, "datasets": entries}, project).info
    assert "table" not in run.dataset("mine").options and run.dataset("mine").options["target"] == "y"
    assert run.dataset("free").options == make_plan({"run": RUN}, project).info.dataset("synthetic").options


def test_one_split_more_changes_no_other_fit(plan):
    before, after = plan(), plan(splits=3)
    assert all(before.fit(*fit).digest == after.fit(*fit).digest for fit in before.fits())
    assert before.scores.digest != after.scores.digest


@pytest.mark.parametrize(("key", "value"), [("grid_points", 12), ("max_iterations", 9), ("tolerance", 1e-3)])
def test_keys_of_all_fits_change_all_fits_and_no_split(key, value, plan):
    found = changed(plan(), plan(**{key: value}))
    assert {"stl", "mean", "amtl"} <= found and "split" not in found


def test_the_seed_changes_splits_and_fits(plan):
    assert {"split", "stl"} <= changed(plan(), plan(seed=1))


def test_the_node_of_a_cluster_plans_the_same_fit(project, plan):
    here = plan()
    there = make_plan({"run": RUN}, project, search=False)
    assert digests(here) == digests(there)


def test_the_parameter_of_a_job_stays_far_below_the_limit_of_a_command(project, folder):
    """Linux limits one argument to 128 kB."""
    given = configuration.read(
        [project / "config" / name for name in ("config.yaml", "paper.yaml", "replication.yaml")]
    )
    planned = make_plan(given, project, search=False)
    assert len(planned.scores.to_json()) < 65_000
    assert max(len(planned.output("tables", name).to_json()) for name in planned.tables) < 65_000


# --- raw files --------------------------------------------------------------------------------------------


@pytest.fixture
def unverified(folder):
    """A configuration of a dataset whose one raw file has no checksum."""
    entry = {"path": "mine.mat", "unverified": True, "licence": "none", "citation": "none"}
    registry = {"files": {"synthetic_dataset.mat": entry}}
    (folder / "registry.yaml").write_text(yaml.safe_dump(registry), encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "mine.mat").write_bytes(b"first")
    data = {"folder": "data", "registry": str(folder / "registry.yaml")}
    return {"run": {**RUN, "datasets": ["synthetic-authors"]}, "data": data}


def test_another_unverified_file_is_another_job_whatever_its_date(unverified, project, folder):
    name = "synthetic_dataset.mat"

    def planned():
        plan = make_plan(unverified, project)
        return plan.acquire(name).to_json(), plan.fit("synthetic-authors", "stl", 1).digest

    before = planned()
    path = folder / "data" / "mine.mat"
    date = path.stat().st_mtime
    path.write_bytes(b"other")
    os.utime(path, (date - 1e6, date - 1e6))
    after = planned()
    assert before[0] != after[0] and before[1] != after[1]


def test_the_stored_copy_of_an_unverified_file_counts_where_the_folder_is_not_visible(
    unverified, project, folder
):
    here = make_plan(unverified, project).fit("synthetic-authors", "stl", 1).digest
    stored = folder / "results" / "raw" / "synthetic_dataset.mat"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"first")
    (folder / "data" / "mine.mat").unlink()
    assert make_plan(unverified, project, search=False).fit("synthetic-authors", "stl", 1).digest == here


@pytest.mark.parametrize("value", ["nowhere", "registry.yaml"])
def test_a_data_folder_that_does_not_exist_is_an_error(value, unverified, project):
    unverified["data"]["folder"] = value
    with pytest.raises(InputError, match=f"data.folder.*{value}"):
        make_plan(unverified, project)


# --- stale results ----------------------------------------------------------------------------------------


class Stand:
    """A job that only has a digest."""

    def __init__(self, digest):
        self.digest = digest

    def require_code(self):
        pass


def test_results_of_other_jobs_are_stale_and_missing_ones_are_not(plan, folder):
    planned = plan()
    assert planned.stale_files() == []
    path = Path(planned.split_file("synthetic", 1))
    path.parent.mkdir(parents=True)
    np.savez(path, job=np.array("another"))
    assert planned.stale_files() == [str(path)]
    np.savez(path, job=np.array(planned.prepare("synthetic", 1).digest))
    assert planned.stale_files() == []


def test_a_table_that_was_edited_is_stale(plan, folder):
    planned = plan()
    table = Path("results/tables/table1.csv")
    table.parent.mkdir(parents=True)
    table.write_text("1", encoding="utf-8")
    save_file_record(table.with_suffix(".json"), Stand(planned.output("tables", "table1").digest), [table])
    assert planned.stale_files() == []
    table.write_text("2", encoding="utf-8")
    assert planned.stale_files() == ["results/tables/table1.json"]


def test_tidy_tables_of_other_fits_are_stale(plan, folder):
    Path("results").mkdir()
    save_file_record(Path(SCORES_RECORD), Stand("another"), [])
    assert plan().stale_files() == [SCORES_RECORD]


def test_gains_of_pairs_of_another_split_are_stale(plan, folder):
    planned = plan(methods=["stl", "amtl"])
    (path, second) = planned.output_inputs("tables", "relations")["pairs"]
    save_arrays(path, planned.pairs("synthetic", 1), {"gains": np.zeros((2, 2))})
    assert planned.stale_files() == []
    save_arrays(second, plan(seed=1).pairs("synthetic", 2), {"gains": np.zeros((2, 2))})
    assert planned.stale_files() == [second]
    assert "pairs" not in planned.output_inputs("tables", "convergence")


def test_settings_count_by_content(plan, folder):
    planned = plan()
    Path("results").mkdir()
    path = Path("results/settings.json")
    path.write_text(planned.settings.text, encoding="utf-8")
    assert planned.stale_files() == []
    path.write_text("{}", encoding="utf-8")
    assert planned.stale_files() == [str(path)]


# --- tables and figures -----------------------------------------------------------------------------------


def test_tables_and_figures_follow_from_datasets_and_methods(plan):
    small = plan(methods=["mean"])
    assert "table1" in small.tables and not {"table2", "improvement", "ablations"} & small.tables.keys()
    assert set(small.figures) == {"figure1a", "time"}
    assert {"figure1b", "figure1d", "gains"} <= plan().figures.keys()
    assert "table2" in plan(datasets=["imbalanced"]).tables


def test_every_output_reads_files_that_the_run_makes(plan):
    planned = plan(datasets=["synthetic", "mnist"], methods=["stl", "go-mtl", "amtl", "amtl-curriculum"])
    made = {*planned.fit_files("json", "npz"), SCORES_RECORD, SETTINGS}
    made |= {planned.split_file(dataset, k) for dataset in planned.datasets for k in planned.splits(dataset)}
    made |= {planned.pairs_file(dataset, k) for dataset in planned.datasets for k in planned.splits(dataset)}
    made |= {f"results/{role}.csv" for role in ("scores", "timings", "warnings", "methods", "versions")}
    made |= {f"results/tables/{name}.csv" for name in planned.tables}
    for kind in ("tables", "figures"):
        for name in getattr(planned, kind):
            for files in planned.output_inputs(kind, name).values():
                assert set(files) <= made, name
    made |= {f"results/tables/{name}.{suffix}" for name in planned.tables for suffix in ("html", "json")}
    made |= {f"results/figures/{name}.{suffix}" for name in planned.figures for suffix in ("svg", "json")}
    assert set().union(*planned.report_inputs().values()) <= made


def test_report_depends_on_its_outputs_its_graphs_and_its_templates(plan, monkeypatch, tmp_path):
    planned = plan(datasets=["synthetic"], methods=["stl", "amtl"])
    assert set(planned.report.inputs) == {
        f"{kind}/{name}" for kind in ("tables", "figures") for name in getattr(planned, kind)
    }
    assert "results/fits/synthetic/amtl/split1.npz" in planned.report_inputs()["fits"]
    assert "results/fits/synthetic/stl/split1.npz" not in planned.report_inputs()["fits"]
    digest = plan(datasets=["synthetic"], methods=["stl", "amtl"]).report.digest
    assert digest == planned.report.digest != plan(datasets=["synthetic"], methods=["stl"]).report.digest
    shutil.copytree(plan_module.TEMPLATES, tmp_path / "templates")
    (tmp_path / "templates" / "page.css").write_text("", encoding="utf-8")
    monkeypatch.setattr(plan_module, "TEMPLATES", tmp_path / "templates")
    assert plan(datasets=["synthetic"], methods=["stl", "amtl"]).report.digest != digest


def test_every_output_has_a_caption(plan):
    planned = plan(
        datasets=["synthetic", "mnist", "imbalanced"], methods=["stl", "go-mtl", "amtl", "amtl-curriculum"]
    )
    for kind in ("tables", "figures"):
        assert all(planned.caption(kind, name).strip() for name in getattr(planned, kind))


# --- benchmark --------------------------------------------------------------------------------------------


def test_a_case_takes_generated_data_where_the_authors_file_is_unavailable(plan):
    job = plan().benchmark_case("amtl-squared")
    assert set(job.sources) == {"synthetic"} and job.not_run == {}


def test_a_case_without_its_data_says_why(plan):
    job = plan().benchmark_case("amtl-school")
    assert job.sources == {} and "school" in job.not_run["school"]
