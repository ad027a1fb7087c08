"""Make the report of the run: one page with its verdicts, tables, figures and learned graphs."""

from pathlib import Path

from workbench.fit import FitReader
from workbench.jobs import ReportJob
from workbench.report.page import content, render
from workbench.result_files import check_file, save_file_record, write_text
from workbench.scores import check_tidy


def main():
    job, arguments = ReportJob.from_arguments(
        __doc__,
        results="folder that holds tables/, figures/, fits/ and scores.csv",
        output="html file to write",
        record="where the record of this file is written",
    )
    results = Path(arguments.results)

    def file_of(kind, name, suffix):
        folder = results / kind
        return check_file(folder / f"{name}.{suffix}", folder / f"{name}.json", job.inputs[f"{kind}/{name}"])

    scores = check_tidy(results / "scores.csv", job.scores)
    page = render.render(content.build(job, file_of, FitReader(job.fits, results / "fits"), scores))
    job.require_code()
    write_text(arguments.output, page)
    save_file_record(arguments.record, job, [arguments.output])
    print(f"{arguments.output}: {len(page.encode()):,} bytes")
