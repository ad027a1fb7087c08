"""Keep the results and the report of a run in the folder of its published results, and write its page.

The date of the run is stored too. Files of an earlier published run of the same name are removed.
"""

from datetime import UTC, datetime
from pathlib import Path

from workbench import pages
from workbench.jobs import PublishJob
from workbench.report.page.make import make_page
from workbench.result_files import write_json, write_text

REPORT = "report.html"


def main():
    job, arguments = PublishJob.from_arguments(
        __doc__,
        lists=("files",),
        files="the files to copy",
        results="the folder of the run's results",
        folder="the folder to copy to",
        page="the page about it, which is written",
    )
    job.require_code()
    folder = Path(arguments.folder)
    page = make_page(job, arguments.results)
    published = pages.copy_files(arguments.files, folder)
    write_text(folder / REPORT, page)
    scores = Path(arguments.results, "scores.csv")
    date = datetime.fromtimestamp(scores.stat().st_mtime, UTC).date()
    write_json(folder / "run.json", {"date": date.isoformat()})
    # Files of an earlier run would be taken for results of this one.
    for file in folder.iterdir():
        if file.is_file() and file.name not in (*published, REPORT, "run.json"):
            file.unlink()
    pages.write_page(folder, arguments.page)
    pages.renew_verdicts(folder, pages.README)
    print(f"{len(published)} files of the run of {date} are in {folder}; {arguments.page} shows them")
