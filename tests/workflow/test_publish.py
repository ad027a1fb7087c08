"""Publishing a run, and what later runs say about it."""


def summary(copy):
    text = (copy.root / "results" / "tables" / "difference.md").read_text()
    return next(line for line in text.splitlines() if line.startswith(("Compared", "Nothing is published")))


def test_a_published_run_is_compared_with_the_next(finished, copy_of):
    copy = copy_of(finished)
    assert summary(copy).startswith("Nothing is published")
    copy.succeed("publish")
    published = {path.name for path in (copy.root / "results" / "published").iterdir()}
    expected = {
        "table1.csv",
        "table1.md",
        "claims.csv",
        "claims.md",
        "figure1d.svg",
        "versions.md",
        "run.json",
    }
    assert expected | {"settings.json"} <= published and "difference.md" not in published
    for name in ("table1.md", "claims.md"):
        assert (copy.root / "results" / "published" / name).read_text().strip() in (
            copy.root / "README.md"
        ).read_text()
    assert copy.planned() == {"Making the table difference"}
    copy.succeed()
    assert ": 0 of" in summary(copy) and copy.planned() == set()
    table = copy.root / "results" / "published" / "table1.csv"
    table.write_text(table.read_text().replace(",stl,", ",gone,"))
    copy.succeed()
    assert "only published" in summary(copy) and "; 0 rows" not in summary(copy)
