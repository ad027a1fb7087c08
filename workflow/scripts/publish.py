"""Copy a run's tables, figures and settings to the folder of published results, and renew the front page.

The date of the run is stored too. Files of an earlier published run are removed.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from workbench import pages
from workbench.jobs import PlainJob
from workbench.result_files import write_json

# The front page shows these figures, also when the published run lacks them.
KEPT = ("figure1c.svg", "figure1d.svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=PlainJob.from_json, required=True, help="JSON of the PlainJob")
    parser.add_argument("--files", nargs="+", required=True, help="the files to copy")
    parser.add_argument("--scores", required=True, help="scores.csv, whose date is that of the run")
    parser.add_argument("--folder", type=Path, required=True, help="the folder to copy to")
    parser.add_argument("--page", type=Path, required=True, help="the page that shows published tables")
    arguments = parser.parse_args()
    arguments.job.require_code()

    folder = arguments.folder
    published = pages.copy_files(arguments.files, folder)
    date = datetime.fromtimestamp(Path(arguments.scores).stat().st_mtime, UTC).date()
    write_json(folder / "run.json", {"date": date.isoformat()})
    # Files of an earlier run would be taken for results of this one.
    for file in folder.iterdir():
        if file.is_file() and file.name not in (*published, "run.json", *KEPT):
            file.unlink()
    pages.renew_file(arguments.page, "published", published)
    print(f"{len(published)} files of the run of {date} are in {folder}")
