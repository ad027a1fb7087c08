"""Copy the results of a benchmark to the folder of published results, and write their page."""

from pathlib import Path

from workbench import pages
from workbench.jobs import PlainJob


def main():
    job, arguments = PlainJob.from_arguments(
        __doc__,
        lists=("files",),
        files="the files to copy",
        folder="the folder to copy to",
        page="the page about it, which is written",
    )
    job.require_code()
    pages.copy_files(arguments.files, Path(arguments.folder))
    pages.write_page(arguments.folder, arguments.page)
