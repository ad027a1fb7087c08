"""Fit one method on one split, tuned over its grid, and score it on the test rows."""

from workbench.fit import run_job, write_fit
from workbench.jobs import FitJob
from workbench.plugins import load_module
from workbench.split_files import load_split


def main():
    job, arguments = FitJob.from_arguments(
        __doc__,
        split="npz file of the prepared split",
        npz="where the weights, graph and trace are written",
        json="where the record of the fit is written",
    )
    spec = load_module(job.module)
    # After the imports: what is compared is what was loaded.
    job.require_code()
    record, arrays = run_job(spec, load_split(arguments.split, job.data), job)
    write_fit(arguments.npz, arguments.json, job, record, arrays)
