"""Copy the results of a benchmark to the folder of published results, and its table to the front page."""

import argparse
from pathlib import Path

from workbench import pages
from workbench.jobs import PlainJob


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=PlainJob.from_json, required=True, help="JSON of the PlainJob")
    parser.add_argument("--files", nargs="+", required=True, help="the files to copy")
    parser.add_argument("--folder", type=Path, required=True, help="the folder to copy to")
    parser.add_argument("--page", type=Path, required=True, help="the page that shows the table")
    arguments = parser.parse_args()
    arguments.job.require_code()
    published = pages.copy_files(arguments.files, arguments.folder)
    named = {f"{arguments.folder.name}/{name}": path for name, path in published.items()}
    pages.renew_file(arguments.page, "published", named)
