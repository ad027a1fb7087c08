"""Make the report of the run: one page with its verdicts, tables, figures and learned graphs."""

from workbench.jobs import ReportJob
from workbench.report.page.make import make_page
from workbench.result_files import save_file_record, write_text


def main():
    job, arguments = ReportJob.from_arguments(
        __doc__,
        results="folder that holds tables/, figures/, fits/ and scores.csv",
        output="html file to write",
        record="where the record of this file is written",
    )
    page = make_page(job, arguments.results)
    job.require_code()
    write_text(arguments.output, page)
    save_file_record(arguments.record, job, [arguments.output])
    print(f"{arguments.output}: {len(page.encode()):,} bytes")
