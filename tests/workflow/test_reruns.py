"""What runs again after a change: all that depends on it, and nothing else."""

import os
import re

import pytest

from amtl.closure import closure
from workflow_copy import METHODS, RAW_FILE, write_raw_file


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


def test_an_edited_rule_runs_its_jobs(copy):
    path = copy.root / "workflow" / "rules" / "figures.smk"
    path.write_text(path.read_text().replace("python {input.script}", "python -u {input.script}"))
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
