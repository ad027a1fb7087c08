"""Draw one figure in every format asked for."""

import argparse
import os

from workbench import plugins
from workbench.jobs import FigureJob
from workbench.report import _inputs
from workbench.report.figures import _style
from workbench.result_files import save_file_record


def main():
    # Matplotlib reads it when it is imported; a notebook's backend cannot be loaded here.
    os.environ.pop("MPLBACKEND", None)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=FigureJob.from_json, required=True, help="JSON of the FigureJob")
    _inputs.add_arguments(parser)
    parser.add_argument("--outputs", nargs="+", required=True, help=".svg, .pdf or .png files to write")
    parser.add_argument("--record", required=True, help="where the record of these files is written")
    arguments = parser.parse_args()
    job = arguments.job
    figure = plugins.load_module(job.module).make(job.run, _inputs.gather(job, arguments))
    job.require_code()
    _style.save(figure, arguments.outputs)
    save_file_record(arguments.record, job, arguments.outputs)
    print(f"{job.name}: {', '.join(arguments.outputs)}")
