"""The report of a run, from the files of its results."""

from pathlib import Path

from workbench.fit import FitReader
from workbench.report.page import content, render
from workbench.result_files import check_file
from workbench.scores import check_tidy


def make_page(job, results):
    """Return the page of a `ReportJob` as text.

    results : the folder with tables/, figures/, fits/ and scores.csv. Raises InputError for a file that is
    missing or of another job.
    """
    results = Path(results)

    def file_of(kind, name, suffix):
        folder = results / kind
        return check_file(folder / f"{name}.{suffix}", folder / f"{name}.json", job.inputs[f"{kind}/{name}"])

    scores = check_tidy(results / "scores.csv", job.scores)
    return render.render(content.build(job, file_of, FitReader(job.fits, results / "fits"), scores))
