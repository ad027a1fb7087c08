"""Draw the scaling curves with their fitted exponents, and write their points as a table."""

import argparse

from workbench.benchmark import curves
from workbench.jobs import PlainJob
from workbench.report import render
from workbench.report.figures import _style as style
from workbench.result_files import load_record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=PlainJob.from_json, required=True, help="JSON of the job")
    parser.add_argument("--axes", nargs="*", required=True, help="json files of the axes")
    parser.add_argument("--table", required=True, help=".csv file to write")
    parser.add_argument("--figure", required=True, help=".svg file to write")
    args = parser.parse_args()
    measured = [load_record(path) for path in args.axes]
    args.job.require_code()
    render.write(curves.table(measured), [args.table])
    style.save(curves.draw(measured), [args.figure])
