"""Make one table in every format asked for."""

import argparse

from workbench import plugins
from workbench.jobs import TableJob
from workbench.report import _inputs, render
from workbench.result_files import save_file_record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=TableJob.from_json, required=True, help="JSON of the TableJob")
    _inputs.add_arguments(parser)
    parser.add_argument("--outputs", nargs="+", required=True, help=".csv, .md, .tex or .html files to write")
    parser.add_argument("--record", required=True, help="where the record of these files is written")
    arguments = parser.parse_args()
    job = arguments.job
    table = plugins.load_module(job.module).make(job.run, _inputs.gather(job, arguments))
    job.require_code()
    render.write(table, arguments.outputs)
    save_file_record(arguments.record, job, arguments.outputs)
    print(f"{job.name}: {', '.join(arguments.outputs)}")
