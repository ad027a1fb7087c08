"""The records that travel with the results, and results that have none."""

import os
import re
import shutil
from base64 import urlsafe_b64encode

import pytest

from amtl import provenance
from amtl.files import write_text

LONG = "results/fits/" + "a" * 300 + "/split1.json"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    provenance.keep_with_results()
    return tmp_path


def record(part, output):
    """Put a record of `output` where Snakemake does: long names are spread over folders."""
    name = urlsafe_b64encode(output.encode()).decode()
    pieces = [name[i : i + 254] for i in range(0, len(name), 254)]
    path = provenance.SNAKEMAKE.joinpath(part, *(f"@{piece}" for piece in pieces[:-1]), pieces[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")


def test_records_lie_with_the_results_and_survive_the_loss_of_the_rest(folder):
    record("metadata", "results/scores.csv")
    record("metadata", LONG)
    record("incomplete", "results/timings.csv")
    assert provenance.known() == {"results/scores.csv", LONG, "results/timings.csv"}
    shutil.rmtree(".snakemake")
    provenance.keep_with_results()
    assert provenance.known() == {"results/scores.csv", LONG, "results/timings.csv"}
    shutil.rmtree("results")
    provenance.keep_with_results()
    assert provenance.known() == set()


def test_a_file_with_new_content_has_no_record(folder, monkeypatch):
    monkeypatch.delenv("AMTL_RUN", raising=False)
    record("metadata", "results/scores.csv")
    write_text("results/scores.csv", "new")
    assert provenance.known() == set()


@pytest.mark.parametrize("output", ["results/scores.csv", LONG])
def test_one_record_is_forgotten(output, folder):
    for name in (output, "results/timings.csv"):
        record("metadata", name)
    provenance.forget(output)
    assert provenance.known() == {"results/timings.csv"}


def test_records_of_elsewhere_are_none_of_these_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake" / "metadata").mkdir(parents=True)
    record("metadata", "results/scores.csv")
    provenance.keep_with_results()
    assert provenance.known() == set()


def test_only_outputs_that_nothing_is_known_of_are_dated_back(folder):
    names = ["scores.csv", "timings.csv", "warnings.csv", "notes.txt"]
    for name in names:
        (folder / "results" / name).touch()
    record("metadata", "results/scores.csv")
    record("incomplete", "results/timings.csv")
    provenance.distrust_unrecorded([re.compile(r"results/\w+\.csv$")])
    old = {name for name in names if os.stat(f"results/{name}").st_mtime == provenance.LONG_AGO}
    assert old == {"warnings.csv"}
