"""Write the table of the measured cases and of the goals."""

import argparse

from workbench.benchmark import table
from workbench.jobs import PlainJob
from workbench.result_files import load_record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=PlainJob.from_json, required=True, help="JSON of the job")
    parser.add_argument("--cases", nargs="+", required=True, help="json files of cases, in the table's order")
    parser.add_argument("--outputs", nargs="+", required=True, help=".csv and .md files to write")
    args = parser.parse_args()
    args.job.require_code()
    table.write([load_record(path) for path in args.cases], args.outputs)
