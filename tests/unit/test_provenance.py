"""The records that travel with the results, and results that have none."""

import os
import re
import shutil
from base64 import urlsafe_b64encode

import pytest

from workbench import provenance
from amtl.errors import InputError
from workbench.result_files import write_text

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


def test_what_else_lies_among_the_records_is_no_record(folder):
    record("metadata", "results/scores.csv")
    for name in (".DS_Store", ".nfs000000001", "x", urlsafe_b64encode(b"\xff\xfe").decode(), "ä"):
        (provenance.KEPT / "metadata" / name).write_text("{}")
    assert {name for name in provenance.known() if name.startswith("results")} == {"results/scores.csv"}


@pytest.mark.parametrize("content", [b"", b'{"rule": "fit"', b"[]", b"\xff"])
def test_a_record_that_was_not_written_to_its_end_is_none(folder, content):
    record("metadata", "results/scores.csv")
    place = next((provenance.KEPT / "metadata").iterdir())
    place.write_bytes(content)
    assert provenance.known() == set()
    (folder / "results" / "scores.csv").touch()
    provenance.distrust_unrecorded([re.compile(r"results/\w+\.csv$")])
    assert os.stat("results/scores.csv").st_mtime == provenance.LONG_AGO and not place.exists()


def test_a_file_with_new_content_has_no_record(folder, monkeypatch):
    monkeypatch.delenv("AMTL_RUN", raising=False)
    record("metadata", "results/scores.csv")
    write_text("results/scores.csv", "new")
    assert provenance.known() == set()


def test_a_result_that_has_no_place_is_named(folder):
    (folder / "results" / "data").touch()
    with pytest.raises(
        InputError, match="results/data/split1.npz: cannot be written .*; check the rights to"
    ):
        write_text("results/data/split1.npz", "new")


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


def test_a_file_that_may_not_be_dated_back_is_named(folder, monkeypatch):
    (folder / "results" / "scores.csv").touch()

    def refuse(*arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "utime", refuse)
    with pytest.raises(InputError, match=r"results/scores\.csv: has to be made again.*; delete it"):
        provenance.distrust_unrecorded([re.compile(r"results/\w+\.csv$")])
