"""Fit one method on one split, tuned over its grid, and score it on the test rows."""

import argparse

from workbench.fit import run_job, write_fit
from workbench.jobs import FitJob
from workbench.plugins import load_module
from workbench.split_files import load_split


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=FitJob.from_json, required=True, help="the FitJob as JSON")
    parser.add_argument("--split", required=True, help="npz file of the prepared split")
    parser.add_argument("--npz", required=True, help="where the weights, graph and trace are written")
    parser.add_argument("--json", required=True, help="where the record of the fit is written")
    arguments = parser.parse_args()
    job = arguments.job
    spec = load_module(job.module)
    # After the imports: what is compared is what was loaded.
    job.require_code()
    record, arrays = run_job(spec, load_split(arguments.split, job.data), job)
    write_fit(arguments.npz, arguments.json, job, record, arrays)
