"""Publishing a run, and what later runs say about it."""

import csv

import pytest

pytestmark = pytest.mark.slow


def difference(copy):
    """Return the records of the table that compares a run with the published one."""
    with open(copy.root / "results" / "tables" / "difference.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_published_run_is_compared_with_the_next(finished, copy_of):
    copy = copy_of(finished)
    published = copy.make("publish")
    assert published.returncode == 0, published.stderr
    folder = copy.root / "results" / "published" / "default"
    published = {path.name for path in folder.iterdir()}
    expected = "table1.csv table1.md claims.csv figure1d.svg versions.md run.json settings.json report.html"
    assert set(expected.split()) <= published and "difference.md" not in published
    page = (copy.root / "docs" / "results" / "default.md").read_text(encoding="utf-8")
    for name in ("table1.md", "claims.md"):
        assert (folder / name).read_text(encoding="utf-8").partition("\n")[2].strip() in page
    assert copy.planned() == {"Making the table difference", "Making the report"}
    copy.succeed()
    assert difference(copy) == [] and copy.planned() == set()
    table = folder / "table1.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",stl,", ",gone,"), encoding="utf-8")
    copy.succeed()
    assert {row["status"] for row in difference(copy)} == {"differs"}
    copy.configure(lambda config: config["run"].update(max_iterations=31))
    # The fits are other ones, so they are not compared.
    copy.succeed("results/tables/difference.csv")
    assert {row["status"] for row in difference(copy)} == {"not comparable"}
