"""Copy a run's tables, figures and settings, with its date, to the folder that is kept with the project, and
the tables that the front page shows to it."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from workbench import pages
from workbench.errors import run
from workbench.result_files import replacing, write_json, write_text

# The front page shows these, whichever run is published.
KEPT = ("figure1c.svg", "figure1d.svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs="+", required=True, help="the files to copy")
    parser.add_argument("--scores", required=True, help="scores.csv, whose age is that of the run")
    parser.add_argument("--folder", required=True, help="where to; other files that are there are removed")
    parser.add_argument("--page", type=Path, required=True, help="the page that shows published tables")
    args = parser.parse_args()

    folder = Path(args.folder)
    published = {Path(file).name: Path(file) for file in args.files}
    for name, file in published.items():
        with replacing(folder / name) as temporary:
            temporary.write_bytes(file.read_bytes())
    date = datetime.fromtimestamp(Path(args.scores).stat().st_mtime, UTC).date()
    write_json(folder / "run.json", {"date": date.isoformat()})
    # What an earlier run had and this one has not would pass for this one's.
    for file in folder.iterdir():
        if file.is_file() and file.name not in (*published, "run.json", *KEPT):
            file.unlink()
    page = args.page.read_text(encoding="utf-8")
    tables = {
        name: file.read_text(encoding="utf-8") for name, file in published.items() if file.suffix == ".md"
    }
    write_text(args.page, pages.renew(page, "published", tables))
    print(f"{len(published)} files of the run of {date} are in {folder}")


if __name__ == "__main__":
    run(main)
