"""Fit one method on one split, tuned over its grid, and score it on the test rows."""

from amtl.model_selection import Known
from workbench.code_dependencies import CodeDependencies
from workbench.fit import run_job, write_fit
from workbench.jobs import FitJob, PathsJob
from workbench.path_files import load_known
from workbench.plugins import load_module
from workbench.split_files import load_split


def main():
    job, arguments = FitJob.from_arguments(
        __doc__,
        ("paths",),
        split="npz file of the prepared split",
        paths="npz files of the parts of the grid, in order, where other jobs have fitted them",
        npz="where the weights, graph and trace are written",
        json="where the record of the fit is written",
    )
    spec = load_module(job.module)
    # After the imports: what is compared is what was loaded.
    job.require_code()
    paths, dependencies = arguments.paths, CodeDependencies()
    parts = [PathsJob.of(job, part, len(paths), dependencies) for part in range(len(paths))]
    known = [load_known(path, part.digest) for path, part in zip(paths, parts, strict=True)]
    record, arrays = run_job(spec, load_split(arguments.split, job.data), job, Known.joined(known))
    write_fit(arguments.npz, arguments.json, job, record, arrays)
