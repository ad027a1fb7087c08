"""What a job of an earlier run may still write, and what a new run clears away."""

import pytest

from workbench import takeover
from amtl.errors import InputError
from workbench.result_files import write_text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(takeover.VARIABLE, raising=False)
    (tmp_path / ".snakemake").mkdir()
    return tmp_path


def test_only_the_latest_run_puts_results_in_place(folder, monkeypatch):
    monkeypatch.setenv(takeover.VARIABLE, "")
    write_text("results/outside-of-a-run", "1")
    takeover.take_over()
    earlier = takeover.os.environ[takeover.VARIABLE]
    write_text("results/a", "1")
    takeover.take_over()
    write_text("results/a", "2")
    monkeypatch.setenv(takeover.VARIABLE, earlier)
    with pytest.raises(InputError, match="a later run works in this folder"):
        write_text("results/a", "3")
    assert (folder / "results" / "a").read_text() == "2"
    assert sorted(path.name for path in (folder / "results").iterdir()) == ["a", "outside-of-a-run"]


def test_a_job_that_does_not_see_the_folder_of_the_run_writes(folder, monkeypatch):
    monkeypatch.setenv(takeover.VARIABLE, "a run on another machine")
    write_text("results/a", "1")
    assert (folder / "results" / "a").exists()


def test_a_new_run_removes_unfinished_files_and_keeps_downloads(folder, monkeypatch):
    # So that the variable is as it was after the test.
    monkeypatch.setenv(takeover.VARIABLE, "")
    deep = folder / "results" / "fits" / "synthetic"
    deep.mkdir(parents=True)
    names = [".split1.npz.4194304.part", ".usps.bz2.0123abcd.part", ".usps.bz2.01234567.part", "my.part"]
    for name in names:
        (deep / name).touch()
    takeover.take_over()
    assert sorted(path.name for path in deep.iterdir()) == sorted(names[1:])
