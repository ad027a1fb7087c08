"""Collect the records of all fits into the tidy tables that tables and figures are made from."""

from pathlib import Path

from workbench import scores
from workbench.fit import FitReader
from workbench.jobs import ScoresJob
from workbench.report._spec import TIDY
from workbench.result_files import save_file_record


def main():
    job, arguments = ScoresJob.from_arguments(
        __doc__,
        fits="folder that holds {dataset}/{method}/split{k}.json",
        record="where the record of the five tables goes",
        **{role: f"the csv file of {role} to write" for role in TIDY},
    )
    reader = FitReader(job.fits, arguments.fits)
    fits = [reader.record(*place) for place in reader]
    tables = {
        "scores": (scores.SCORE_COLUMNS, [row for fit in fits for row in scores.score_rows(fit)]),
        "timings": (scores.TIMING_COLUMNS, [scores.timing_row(fit) for fit in fits]),
        "warnings": (scores.WARNING_COLUMNS, [row for fit in fits for row in scores.warning_rows(fit)]),
        "methods": (scores.METHOD_COLUMNS, scores.method_rows(fits, job.titles)),
        "versions": (scores.VERSION_COLUMNS, scores.version_rows(fits)),
    }
    job.require_code()
    paths = [Path(getattr(arguments, role)) for role in tables]
    for path, table in zip(paths, tables.values(), strict=True):
        scores.write_table(path, *table)
    save_file_record(arguments.record, job, paths)
    print(f"{len(fits)} fits, {len(tables['scores'][1])} scores, {len(tables['warnings'][1])} warnings")
