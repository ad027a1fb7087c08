"""What runs again after a change: all that depends on it, and nothing else. Most tests only plan a run."""

import json
import os
import random
import re
import shutil
import sys

import numpy as np
import pytest

from helpers.workflow_copy import (
    METHODS,
    PARTS,
    RAW_FILE,
    Copy,
    error_line,
    fits,
    require_success,
    run,
    write_raw_file,
)

pytestmark = pytest.mark.slow

FITS = "results/fits/synthetic"


def of_methods(*methods):
    return {(method, dataset) for method in methods for dataset in ("synthetic", "synthetic-authors")}


@pytest.fixture
def copy(finished, copy_of):
    return copy_of(finished)


@pytest.fixture(scope="module")
def planning(finished, tmp_path_factory):
    """The function that returns (fits, jobs) planned after a change of a finished run, which is then undone.

    change : function of the copy. It may edit any file outside results.
    """
    copy = finished.duplicate(tmp_path_factory.mktemp("planning") / "project")
    sources = [copy.root / part for part in (*PARTS, "run.yaml")]

    def plan(change):
        kept = tmp_path_factory.mktemp("kept")
        for path in sources:
            shutil.copytree(path, kept / path.name) if path.is_dir() else shutil.copy2(path, kept)
        try:
            change(copy)
            planned = copy.planned()
        finally:
            for path in sources:
                if path.is_dir():
                    shutil.rmtree(path)
                shutil.move(kept / path.name, path)
        return fits(planned), planned

    return plan


# --- nothing runs ---------------------------------------------------------------------------------------


def touch(copy):
    for path in [*copy.root.rglob("*.py"), *copy.root.rglob("*.smk"), *(copy.root / "data").iterdir()]:
        os.utime(path)


def write_windows_line_ends(copy):
    for pattern in ("*.py", "*.smk", "*.rst", "*.yaml", "*.json", "Snakefile"):
        for folder in ("workflow", "config"):
            for path in (copy.root / folder).rglob(pattern):
                path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def rewrite_settings(copy):
    """Write the same settings in another order of keys and with whole numbers for decimal ones."""

    def change(config):
        config["datasets"] = {"synthetic": {"noise_hard": 25}}
        config["run"] = dict(reversed(config["run"].items()))
        config["data"].update(attempts=7, timeout=99)

    copy.configure(change)


# They check, plan, start, report or download.
GUARDS = [
    *("plan", "run_start", "jobs", "errors", "progress", "plugins", "result_files", "run_info", "run_script"),
    *("code_dependencies", "source_loader", "__main__", "config/model", "config/values", "config/yaml_files"),
    *("raw_files/download", "raw_files/registry", "raw_files/availability", "raw_files/data_folder"),
]


def comment_on_guards(copy):
    for name in GUARDS:
        copy.edit(f"workflow/workbench/{name}.py")
    copy.edit("workflow/amtl/errors.py")
    copy.edit("workflow/rules/common.smk")
    copy.edit("Snakefile")


@pytest.mark.parametrize(
    "change", [touch, write_windows_line_ends, rewrite_settings, comment_on_guards], ids=lambda f: f.__name__
)
def test_a_change_without_effect_runs_nothing(planning, change):
    assert planning(change)[1] == set()


def test_a_moved_project_runs_nothing(finished, tmp_path):
    moved = finished.duplicate(tmp_path / "another name")
    assert moved.planned(variables={"AMTL_SOURCES": "{}", "AMTL_JOB": "{}"}) == set()


def clone(copy, root):
    """Return a checkout of the project with the results of `copy` copied in: all dates new, in no order."""
    root.mkdir()
    for part in (*PARTS, "data", "results", "run.yaml"):
        source = copy.root / part
        shutil.copytree(source, root / part) if source.is_dir() else shutil.copy2(source, root)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    random.Random(0).shuffle(files)
    for age, path in enumerate(files):
        os.utime(path, (1.7e9 + age, 1.7e9 + age))
    return Copy(root)


@pytest.mark.parametrize("arguments", [(), ("--persistence-backend", "db")], ids=["files", "db"])
def test_a_dry_run_changes_no_file(finished, fresh, tmp_path, arguments):
    copies = {
        "fresh": fresh.duplicate(tmp_path / "fresh"),
        "finished": finished.duplicate(tmp_path / "finished"),
        "foreign": clone(finished, tmp_path / "foreign"),
    }
    for name, copy in copies.items():
        # Snakemake's own: its folder in the project's folder, and what it keeps there of a dry run.
        temporary = (".snakemake/iocache", ".snakemake/locks")
        own = temporary if name == "finished" and not arguments else (".snakemake",)
        before = copy.tree(*own)
        copy.succeed("--dry-run", *arguments)
        after = copy.tree(*own)
        dates_of_own = dict.fromkeys((".", ".snakemake"))
        assert {**before, **dates_of_own} == {**after, **dates_of_own}, name


def test_a_lost_snakemake_folder_runs_nothing(copy):
    shutil.rmtree(copy.root / ".snakemake")
    assert copy.planned() == set()
    # Snakemake has no record any more, so it would not notice that a result is stale.
    copy.edit("workflow/workbench/report/figures/figure1a.py")
    assert error_line(copy.snakemake()).startswith("error: results/figures/figure1a.json: ")
    done = require_success(copy.make())
    assert "running: figure figure1a" in done.stderr and "fits 0 of" not in done.stderr


# --- code -----------------------------------------------------------------------------------------------


def test_an_edited_method_runs_its_fits_and_what_reads_them(copy):
    copy.edit("workflow/amtl/methods/graph/amtl_curriculum.py")
    planned = copy.planned()
    assert fits(planned) == of_methods("amtl-curriculum")
    assert {"Collecting the scores of all fits", "Making the table table1", "Drawing figure1e"} <= planned
    assert not {"Drawing figure1a", "Drawing figure1b", "Making the table data"} & planned
    copy.succeed()
    assert copy.planned() == set()


def edit(*files):
    return lambda copy: [copy.edit(f"workflow/{file}") for file in files]


@pytest.mark.parametrize(
    ("files", "methods", "other", "unchanged"),
    [
        (["amtl/solvers/graph_b.py"], ["amtl-noloss", "amtl", "amtl-curriculum"], "scores", "figure1a"),
        (["scripts/fit.py"], METHODS, "scores", "figure1a"),
        (["scripts/scores.py"], [], "scores", "figure1a"),
        (["scripts/figure.py"], [], "figure1a", "table1"),
        (["workbench/report/figures/figure1a.py"], [], "figure1a", "figure1b"),
        (["report/table1.rst"], [], "table1", "figure1b"),
        (["workbench/report/page/templates/page.css"], [], "report", "figure1b"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) and value else None,
)
def test_an_edited_file_runs_the_jobs_that_use_it(planning, files, methods, other, unchanged):
    found, planned = planning(edit(*files))
    assert found == of_methods(*methods)
    messages = {
        name: {f"Making the {name}", f"Making the table {name}", f"Drawing {name}"}
        | {f"Collecting the {name} of all fits"}
        for name in (other, unchanged)
    }
    assert planned & messages[other] and not planned & messages[unchanged]


def test_an_edited_rule_runs_its_jobs(planning):
    def change(copy):
        copy.replace("workflow/rules/report.smk", "run_script figure --job", "run_script  figure --job")

    _, planned = planning(change)
    assert "Drawing figure1a" in planned
    assert all(message.startswith(("Drawing", "Making the report")) for message in planned)


def test_the_age_of_an_edit_does_not_matter(planning):
    """A file from another branch or an archive may be older than the results."""
    files = "amtl/methods/controls/mean.py", "workbench/report/figures/figure1a.py"

    def change(copy):
        edit(*files)(copy)
        for file in files:
            os.utime(copy.root / "workflow" / file, (1e9, 1e9))

    found, planned = planning(change)
    assert found == of_methods("mean") and "Drawing figure1a" in planned


MEAN = "workflow/amtl/methods/controls/mean.py"


def test_an_edit_of_the_same_size_and_date_runs_the_new_code(copy):
    """Python believes cached byte code when its source has the same size and date."""
    folder = copy.root / "workflow"
    require_success(run([sys.executable, "-c", "import amtl.methods.controls.mean"], folder))
    assert list(folder.rglob("__pycache__/mean.*.pyc"))
    path = copy.root / MEAN
    date = path.stat().st_mtime_ns
    copy.replace(MEAN, "else means\n", "else 99.99\n")
    os.utime(path, ns=(date, date))
    assert fits(copy.planned()) == of_methods("mean")
    copy.succeed(f"{FITS}/mean/split1.json")
    with np.load(copy.root / FITS / "mean" / "split1.npz") as fit:
        assert (fit["W"][-1] == 99.99).all()


# Makes the job that writes the split replace the method, and the replaced method restore itself.
REPLACE_METHOD = """

_make_split = make_split


def make_split(*arguments, **options):
    from pathlib import Path

    path = Path({path!r})
    path.with_suffix(".kept").write_bytes(path.read_bytes())
    path.write_text(path.read_text(encoding="utf-8").replace("else means", "else 99.99") + {restore!r})
    return _make_split(*arguments, **options)
"""
RESTORE_METHOD = """
from pathlib import Path

Path(__file__).write_bytes(Path(__file__).with_suffix(".kept").read_bytes())
"""


@pytest.mark.parametrize("restore", ["", RESTORE_METHOD], ids=["changed", "put_back"])
def test_code_that_changes_during_a_run_makes_no_result(fresh, copy_of, restore):
    copy = copy_of(fresh)
    module, dataset = copy.root / MEAN, "workflow/workbench/datasets/synthetic.py"
    copy.replace(
        dataset, "\nSPEC = ", REPLACE_METHOD.format(path=str(module), restore=restore) + "\n\nSPEC = "
    )
    done = copy.snakemake(f"{FITS}/mean/split1.json")
    assert "amtl.methods.controls.mean" in error_line(done)
    assert "else 99.99" not in module.read_text(encoding="utf-8") or not restore
    assert not list((copy.root / FITS).rglob("split*"))


def install(copy, name, version):
    """Make Python find the package `name` in that version first, as after installing another lock."""
    folder = copy.root / "workflow" / f"{name}-{version}.dist-info"
    folder.mkdir()
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (folder / "METADATA").write_text(text, encoding="utf-8")


def test_another_version_of_a_package_runs_what_imports_it(planning):
    assert planning(lambda copy: install(copy, "ruff", "99.0"))[1] == set()
    found, planned = planning(lambda copy: install(copy, "matplotlib", "99.0"))
    assert {"Drawing figure1a", "Drawing objective"} <= planned
    others = {message for message in planned if not message.startswith("Drawing")}
    # It holds the pictures.
    assert others == {"Making the report"}
    assert planning(lambda copy: install(copy, "scipy", "99.0"))[0] == of_methods(*METHODS)


def test_an_edited_lock_is_installed_first(copy):
    lock = copy.root / "envs" / "requirements.lock"
    copy.edit("envs/requirements.lock", "# edited\n")
    # What is installed decides, not what the file says.
    assert copy.planned() == set()
    copy.set_up("ready")
    assert "install.py" not in run(["make", "--dry-run"], copy.root).stdout
    os.utime(lock, (4e9, 4e9))
    assert "install.py" in run(["make", "--dry-run"], copy.root).stdout
    # Nothing is installed into a Python that is given.
    assert "install.py" not in copy.make("--dry-run").stdout


# --- settings -------------------------------------------------------------------------------------------


def configured(change):
    return lambda copy: copy.configure(change)


def test_an_option_of_a_method_runs_that_method(planning):
    change = configured(lambda config: config.update(methods={"amtl": {"delta": "validation"}}))
    assert planning(change)[0] == of_methods("amtl")


def test_a_title_runs_no_fit(planning):
    titles = {"methods": {"amtl": {"title": "Ours"}}, "datasets": {"synthetic": {"title": "Toy"}}}
    found, planned = planning(configured(lambda config: config.update(titles)))
    assert not found and "Making the table table1" in planned
    assert not [message for message in planned if message.startswith("Preparing")]


def test_the_number_of_grid_points_runs_all_fits_and_no_split(planning):
    found, planned = planning(configured(lambda config: config["run"].update(grid_points=12)))
    assert found == of_methods(*METHODS)
    assert not [message for message in planned if message.startswith("Preparing")]


def test_an_option_of_a_dataset_runs_that_dataset(planning):
    found, planned = planning(
        configured(lambda config: config.update(datasets={"synthetic": {"noise_hard": 20}}))
    )
    assert {dataset for _, dataset in found} == {"synthetic"}
    assert "Preparing split 1 of synthetic" in planned
    assert "Preparing split 1 of synthetic-authors" not in planned


def test_how_results_are_shown_runs_no_fit(planning):
    found, planned = planning(configured(lambda config: config.update(report={"interval": "normal"})))
    assert "Making the table table1" in planned and not found
    assert "Collecting the scores of all fits" not in planned


def test_one_method_more_runs_its_fits_only(planning):
    change = configured(lambda config: config["run"]["methods"].append("pooled"))
    assert planning(change)[0] == of_methods("pooled")


def test_one_split_more_runs_that_split_only(planning):
    _, planned = planning(configured(lambda config: config["run"].update(splits=3)))
    # The authors' file holds one split.
    made = {message for message in planned if re.match("Preparing|Fitting", message)}
    assert made == {
        "Preparing split 3 of synthetic",
        *(f"Fitting {method} on split 3 of synthetic" for method in METHODS),
    }
    assert "Collecting the scores of all fits" in planned


def test_triggers_that_hide_changes_are_an_error(finished, tmp_path):
    (tmp_path / "config.yaml").write_text("rerun-triggers: [mtime]\n")
    done = finished.snakemake(
        "--dry-run", "--config", 'run={"grid_points": 12}', variables={"SNAKEMAKE_PROFILE": str(tmp_path)}
    )
    assert "rerun-triggers" in error_line(done)


# --- results --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deleted", "made", "kept"),
    [
        (
            "fits/synthetic/stl/split1.npz",
            {"Fitting stl on split 1 of synthetic", "Collecting the scores of all fits"},
            {"Drawing figure1a", "Fitting stl on split 2 of synthetic"},
        ),
        (
            "scores.csv",
            {"Collecting the scores of all fits", "Making the table table1"},
            {"Drawing figure1a"},
        ),
        ("tables/table1.md", {"Making the table table1"}, {"Drawing figure1a", "Making the table data"}),
        ("figures/figure1a.pdf", {"Drawing figure1a"}, {"Making the table data"}),
        ("settings.json", {"Writing down the configuration of this run"}, {"Drawing figure1a"}),
    ],
)
def test_a_deleted_output_is_made_again(copy, deleted, made, kept):
    (copy.root / "results" / deleted).unlink()
    planned = copy.planned()
    assert made <= planned and not kept & planned


def test_a_deleted_split_is_made_again_when_something_reads_it(copy):
    (copy.root / "results/data/synthetic/split2.npz").unlink()
    assert not [message for message in copy.planned() if message.startswith("Fitting")]
    (copy.root / FITS / "stl" / "split2.json").unlink()
    planned = copy.planned()
    assert "Preparing split 2 of synthetic" in planned and "Preparing split 1 of synthetic" not in planned


def edit_by_hand(path):
    """Change one score of a fit and keep the date of its file."""
    date = path.stat().st_mtime_ns
    record = json.loads(path.read_text(encoding="utf-8"))
    record["metrics"][0]["value"] = 0.0
    path.write_text(json.dumps(record, indent=1), encoding="utf-8")
    os.utime(path, ns=(date, date))


def link(path, folder):
    """Move the folder `path` into `folder` and leave a link to it."""
    shutil.move(path, folder / path.name)
    path.symlink_to(folder / path.name)


@pytest.mark.parametrize("linked", [(), ("results/fits", "results", ".snakemake")], ids=["folders", "links"])
def test_make_replaces_stale_results(finished, copy, tmp_path, linked):
    """A fit edited by hand, one of another method, an edited table; folders may be links to another disk."""
    require_success(copy.make())
    report = copy.root / "results" / "report.html"
    made = report.stat().st_mtime_ns
    (tmp_path / "disk").mkdir()
    for name in linked:
        link(copy.root / name, tmp_path / "disk")
    folder = copy.root / FITS
    edit_by_hand(folder / "stl" / "split2.json")
    for suffix in ("json", "npz"):
        shutil.copy2(folder / "amtl" / f"split1.{suffix}", folder / "amtl-noloss")
    copy.edit("results/tables/table1.csv", "1,2,3\n")
    require_success(copy.make())
    assert copy.results() == finished.results()
    assert report.stat().st_mtime_ns > made


def test_a_stale_fit_is_an_error_that_names_it(copy):
    """Without `make`, the job that reads a fit finds out."""
    file = f"{FITS}/stl/split2.json"
    edit_by_hand(copy.root / file)
    (copy.root / "results" / "scores.csv").unlink()
    assert error_line(copy.snakemake("results/scores.csv")).startswith(f"error: {file}: ")
    shutil.copy2(copy.root / FITS / "stl" / "split1.json", copy.root / file)
    assert error_line(copy.snakemake("results/scores.csv")).startswith(f"error: {file}: ")
    assert not (copy.root / "results" / "scores.csv").exists()


def test_results_of_another_configuration_are_replaced(finished, tmp_path):
    copy = clone(finished, tmp_path / "clone")
    run = {"datasets": ["synthetic"], "methods": ["mean", "stl"], "splits": 1, "seed": 1}
    copy.configure(lambda config: config["run"].update(run))
    # Snakemake has no record of these results, so it would keep them.
    assert error_line(copy.snakemake()).startswith("error: results/")
    require_success(copy.make())
    for method in run["methods"]:
        record = json.loads((copy.root / FITS / method / "split1.json").read_text(encoding="utf-8"))
        assert record["seed"] == 1
    scores = (copy.root / "results" / "scores.csv").read_text(encoding="utf-8")
    assert "amtl" not in scores and copy.planned() == set()


# --- ablations ------------------------------------------------------------------------------------------


def ablate(config, **run):
    """Add an ablation of AMTL to a configuration."""
    config["methods"] = {"amtl-short": {"method": "amtl", "alternations": 1, "question": "Why stop?"}}
    config["run"].update(ablations=["amtl-short"], **run)


@pytest.mark.parametrize(
    ("given", "jobs"),
    [
        ({"ablation_datasets": ["synthetic"]}, {(1, "synthetic"), (2, "synthetic")}),
        # A dataset that the run leaves out is left out of its ablations too.
        (
            {"ablation_datasets": ["mnist", "synthetic", "synthetic-authors"], "ablation_splits": 1},
            {(1, "synthetic"), (1, "synthetic-authors")},
        ),
    ],
    ids=["splits", "datasets"],
)
def test_an_ablation_runs_on_its_datasets_and_splits_only(planning, given, jobs):
    _, planned = planning(configured(lambda config: ablate(config, **given)))
    assert {f"Fitting amtl-short on split {k} of {dataset}" for k, dataset in jobs} == {
        message for message in planned if message.startswith("Fitting")
    }
    assert {"Making the table ablations", "Making the table convergence"} <= planned


def test_an_ablation_changes_no_table_of_the_methods(copy):
    tables = copy.root / "results" / "tables"
    before = {name: (tables / f"{name}.csv").read_bytes() for name in ("table1", "improvement")}
    copy.configure(lambda config: ablate(config, ablation_datasets=["synthetic"], ablation_splits=1))
    copy.succeed()
    assert {name: (tables / f"{name}.csv").read_bytes() for name in before} == before
    for name in ("ablations", "convergence"):
        assert "amtl-short" in (tables / f"{name}.md").read_text(encoding="utf-8")
    assert copy.planned() == set()
    # A new question is a new text, not a new fit.
    copy.configure(lambda config: config["methods"]["amtl-short"].update(question="Why go on?"))
    planned = copy.planned()
    assert "Making the table ablations" in planned and not fits(planned)


# --- raw files ------------------------------------------------------------------------------------------


def test_a_changed_raw_file_runs_its_dataset(copy):
    write_raw_file(copy.root / "data" / RAW_FILE, seed=1)
    # The file that was checked and stored is still the one of the registry.
    assert copy.planned() == set()
    copy.register()
    planned = copy.planned()
    assert f"Getting the raw file {RAW_FILE}" in planned
    assert {dataset for _, dataset in fits(planned)} == {"synthetic-authors"}
    assert "Preparing split 1 of synthetic" not in planned


def test_another_raw_file_without_a_checksum_is_noticed_whatever_its_date(fresh, copy_of):
    copy, target = copy_of(fresh), "results/data/synthetic-authors/split1.npz"
    copy.register(checksum=False)
    copy.succeed(target)
    path = copy.root / "data" / RAW_FILE
    os.utime(path)
    assert copy.planned(target) == set()
    write_raw_file(path, seed=1)
    os.utime(path, (1e9, 1e9))
    planned = copy.planned(target)
    assert planned == {f"Getting the raw file {RAW_FILE}", "Preparing split 1 of synthetic-authors"}
