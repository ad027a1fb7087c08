"""What runs again after a change: all that depends on it, and nothing else."""

import os
import random
import re
import shutil

import pytest

from helpers.workflow_copy import METHODS, PARTS, RAW_FILE, Copy, write_raw_file
from workbench.code_dependencies import closure


def fits(planned):
    """Return {(method, dataset)} of the planned fits."""
    found = (re.fullmatch(r"Fitting (\S+) on split \d+ of (\S+)", message) for message in planned)
    return {match.groups() for match in found if match}


def of_methods(*methods):
    return {(method, dataset) for method in methods for dataset in ("synthetic", "synthetic-authors")}


@pytest.fixture
def copy(finished, copy_of):
    return copy_of(finished)


def test_a_touch_runs_nothing(copy):
    for path in [*copy.root.rglob("*.py"), *copy.root.rglob("*.smk"), *(copy.root / "data").iterdir()]:
        os.utime(path)
    assert copy.planned() == set()


def test_an_edited_method_runs_its_fits_and_what_reads_them(copy):
    copy.edit("workflow/amtl/methods/amtl_curriculum.py")
    planned = copy.planned()
    assert fits(planned) == of_methods("amtl-curriculum")
    # The files count as inputs, whichever triggers are on.
    assert fits(copy.planned("--rerun-triggers", "mtime")) == fits(planned)
    assert {"Collecting the scores of all fits", "Making the table table1", "Drawing figure1e"} <= planned
    assert not {"Drawing figure1a", "Drawing figure1b", "Making the table data"} & planned
    copy.succeed()
    assert copy.planned() == set()


def test_an_edited_solver_runs_the_methods_that_import_it(copy):
    solver = "amtl/solvers/asymmetric.py"
    copy.edit(f"workflow/{solver}")
    modules = {method: f"amtl/methods/{method.replace('-', '_')}.py" for method in METHODS}
    # That the closure is what Python loads is another test.
    users = {method for method, file in modules.items() if solver in closure("scripts/fit.py", file)}
    assert users >= {"amtl", "amtl-noloss"} and "mean" not in users
    assert fits(copy.planned()) == of_methods(*users)


def test_an_edited_script_runs_its_jobs(copy):
    copy.edit("workflow/scripts/collect_scores.py")
    planned = copy.planned()
    assert {"Collecting the scores of all fits", "Making the table table1", "Drawing figure1d"} <= planned
    assert not fits(planned) and "Drawing figure1a" not in planned
    copy.edit("workflow/scripts/make_figure.py")
    drawn = {message for message in copy.planned() if message.startswith("Drawing")}
    copy.edit("workflow/scripts/fit.py")
    assert drawn == {message for message in copy.planned() if message.startswith("Drawing")}
    assert "Drawing figure1a" in drawn and fits(copy.planned()) == of_methods(*METHODS)


def test_an_edit_counts_however_old_it_is(copy):
    """A file from another branch or an archive may be older than the results."""
    for file in ("methods/mean.py", "plots/figure1a.py"):
        copy.edit(f"workflow/amtl/{file}")
        os.utime(copy.root / "workflow" / "amtl" / file, (1e9, 1e9))
    planned = copy.planned()
    assert fits(planned) == of_methods("mean") and "Drawing figure1a" in planned


def install(copy, name, version):
    """Make Python find the package `name` in that version first, as a new lock would bring it."""
    folder = copy.root / "workflow" / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_another_version_of_a_package_runs_what_imports_it(copy):
    install(copy, "ruff", "99.0")
    assert copy.planned() == set()
    install(copy, "matplotlib", "99.0")
    planned = copy.planned()
    assert {"Drawing figure1a", "Drawing objective"} <= planned
    assert all(message.startswith("Drawing") for message in planned)
    install(copy, "scipy", "99.0")
    assert fits(copy.planned()) == of_methods(*METHODS)


def test_an_edited_lock_is_installed_first(copy):
    lock = copy.root / "envs" / "requirements.lock"
    copy.edit("envs/requirements.lock", "# edited\n")
    # What is installed decides, not what the file says.
    assert copy.planned() == set()
    assert "pip install" not in copy.make("--dry-run").stdout
    os.utime(lock, (4e9, 4e9))
    assert "pip install" in copy.make("--dry-run").stdout


def test_an_edited_rule_runs_its_jobs(copy):
    path = copy.root / "workflow" / "rules" / "figures.smk"
    path.write_text(path.read_text().replace("python {input", "python -u {input"))
    planned = copy.planned()
    assert planned and all(message.startswith("Drawing") for message in planned)


def test_an_edited_figure_is_drawn_again(copy):
    copy.edit("workflow/amtl/plots/figure1a.py")
    assert copy.planned() == {"Drawing figure1a"}


def test_an_edited_caption_makes_its_table_again(copy):
    copy.edit("workflow/report/table1.rst", "\nOne more sentence.\n")
    assert copy.planned() == {"Making the table table1", "Making the table difference"}


def test_an_option_of_a_method_runs_that_method(copy):
    copy.configure(lambda config: config.update(methods={"amtl": {"delta": "validation"}}))
    assert fits(copy.planned()) == of_methods("amtl")


def test_the_number_of_grid_points_runs_all_fits_and_no_split(copy):
    copy.configure(lambda config: config["run"].update(grid_points=12))
    planned = copy.planned()
    assert fits(planned) == of_methods(*METHODS)
    assert not [message for message in planned if message.startswith("Preparing")]


def test_an_option_of_a_dataset_runs_that_dataset(copy):
    copy.configure(lambda config: config.update(datasets={"synthetic": {"noise_hard": 20.0}}))
    planned = copy.planned()
    assert {dataset for _, dataset in fits(planned)} == {"synthetic"}
    assert "Preparing split 1 of synthetic" in planned
    assert "Preparing split 1 of synthetic-authors" not in planned


def test_how_results_are_shown_runs_no_fit(copy):
    copy.configure(lambda config: config.update(report={"interval": "t"}))
    planned = copy.planned()
    assert "Making the table table1" in planned and not fits(planned)
    assert "Collecting the scores of all fits" not in planned


def test_one_method_more_runs_its_fits_only(copy):
    copy.configure(lambda config: config["run"]["methods"].append("pooled"))
    assert fits(copy.planned()) == of_methods("pooled")


def test_one_split_more_runs_that_split_only(copy):
    copy.configure(lambda config: config["run"].update(splits=3))
    planned = copy.planned()
    # The authors' file holds one split.
    made = {message for message in planned if re.match("Preparing|Fitting", message)}
    assert made == {
        "Preparing split 3 of synthetic",
        *(f"Fitting {method} on split 3 of synthetic" for method in METHODS),
    }
    assert "Collecting the scores of all fits" in planned and "Drawing figure1a" not in planned


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
    assert copy.planned() == set()
    (copy.root / "results/fits/synthetic/stl/split2.json").unlink()
    planned = copy.planned()
    assert "Preparing split 2 of synthetic" in planned and "Preparing split 1 of synthetic" not in planned


def ablate(config, **run):
    """Add an ablation of AMTL to a configuration."""
    config["methods"] = {"amtl-short": {"method": "amtl", "alternations": 1, "question": "Why stop?"}}
    config["run"].update(ablations=["amtl-short"], **run)


@pytest.mark.parametrize(
    ("given", "jobs"),
    [
        ({}, {(1, "synthetic"), (2, "synthetic"), (1, "synthetic-authors")}),
        ({"ablation_datasets": ["synthetic"]}, {(1, "synthetic"), (2, "synthetic")}),
        ({"ablation_datasets": ["synthetic"], "ablation_splits": 1}, {(1, "synthetic")}),
        # A dataset that the run leaves out is left out of its ablations too.
        ({"ablation_datasets": ["mnist", "synthetic-authors"]}, {(1, "synthetic-authors")}),
    ],
)
def test_an_ablation_runs_on_its_datasets_and_splits_only(copy, given, jobs):
    copy.configure(lambda config: ablate(config, **given))
    planned = copy.planned()
    assert {f"Fitting amtl-short on split {k} of {dataset}" for k, dataset in jobs} == {
        message for message in planned if message.startswith("Fitting")
    }
    assert {"Making the table ablations", "Making the table convergence"} <= planned
    # Comparisons of methods are made again as the scores are, from the same job; no figure shows an ablation.
    assert "Drawing figure1b" not in planned and "Drawing objective" not in planned


def test_an_ablation_goes_through_to_the_tables(copy):
    before = {
        name: (copy.root / "results" / "tables" / f"{name}.csv").read_bytes()
        for name in ("table1", "improvement")
    }
    copy.configure(lambda config: ablate(config, ablation_datasets=["synthetic"], ablation_splits=1))
    copy.succeed()
    tables = copy.root / "results" / "tables"
    for name, content in before.items():
        assert (tables / f"{name}.csv").read_bytes() == content
    shown = (tables / "ablations.md").read_text()
    assert "| amtl-short | alternations: 1 | 1 |" in shown and "Why stop?" in shown
    assert "amtl-short (ablation)" in (tables / "convergence.md").read_text()
    assert copy.planned() == set()
    # A new question is a new text, not a new fit.
    copy.configure(lambda config: config["methods"]["amtl-short"].update(question="Why go on?"))
    planned = copy.planned()
    assert "Making the table ablations" in planned and not fits(planned)


def test_a_changed_raw_file_runs_its_dataset(copy):
    write_raw_file(copy.root / "data" / RAW_FILE, seed=1)
    done = copy.snakemake()
    assert done.returncode != 0
    assert re.search(rf"^error: {RAW_FILE}: .*sha256", done.stderr, re.MULTILINE)
    copy.register()
    planned = copy.planned()
    assert f"Getting the raw file {RAW_FILE}" in planned
    assert {dataset for _, dataset in fits(planned)} == {"synthetic-authors"}
    assert "Preparing split 1 of synthetic" not in planned


def test_how_a_file_is_fetched_fetches_nothing_again(copy):
    copy.configure(lambda config: config["data"].update(attempts=7, timeout=99))
    assert copy.planned() == set()


def test_a_touched_large_raw_file_runs_nothing(fresh, copy_of):
    """Snakemake compares no checksums of files of more than a megabyte."""
    copy, target = copy_of(fresh), f"results/raw/{RAW_FILE}"
    path = copy.root / "data" / RAW_FILE
    path.write_bytes(path.read_bytes() + bytes(1_000_000))
    copy.register()
    copy.succeed(target)
    os.utime(path)
    assert copy.planned(target) == set()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    copy.register()
    assert copy.planned(target) == {f"Getting the raw file {RAW_FILE}"}


def clone(copy, root, records=True):
    """Return a checkout of the project with the results of `copy` copied in: all dates new, in no order."""
    root.mkdir()
    for part in (*PARTS, "data", "results", "run.yaml"):
        source = copy.root / part
        shutil.copytree(source, root / part) if source.is_dir() else shutil.copy2(source, root)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    random.Random(0).shuffle(files)
    for age, path in enumerate(files):
        os.utime(path, (1.7e9 + age, 1.7e9 + age))
    if not records:
        shutil.rmtree(root / "results" / "provenance")
    return Copy(root)


def test_a_clone_with_the_results_copied_in_runs_nothing(finished, tmp_path):
    assert clone(finished, tmp_path / "clone").planned() == set()


def test_a_clone_does_not_take_stale_results_for_fresh(finished, tmp_path):
    copy = clone(finished, tmp_path / "clone")
    copy.edit("workflow/amtl/methods/mean.py")
    copy.edit("workflow/amtl/plots/figure1a.py")
    copy.configure(lambda config: config.update(methods={"amtl": {"delta": "validation"}}))
    for path in (copy.root / "workflow").rglob("*.py"):
        os.utime(path, (1e9, 1e9))
    planned = copy.planned()
    assert fits(planned) == of_methods("mean", "amtl") and "Drawing figure1a" in planned


def test_a_clone_with_results_of_unknown_origin_runs_everything(finished, fresh, tmp_path):
    copy = clone(finished, tmp_path / "clone", records=False)
    own = copy.root / "results" / "notes.txt"
    own.write_text("mine")
    before = own.stat().st_mtime_ns
    assert copy.planned() == fresh.planned()
    assert own.stat().st_mtime_ns == before and (copy.root / "results" / "scores.csv").exists()


def test_a_lost_snakemake_folder_runs_nothing(copy):
    shutil.rmtree(copy.root / ".snakemake")
    assert copy.planned() == set()
