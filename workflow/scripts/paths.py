"""Fit one part of the grid of a method on one split, for the job that tunes it."""

from amtl.model_selection import Known
from workbench.code_dependencies import CodeDependencies
from workbench.fit import run_part
from workbench.jobs import PathsJob
from workbench.path_files import load_known, save_known
from workbench.plugins import load_module
from workbench.split_files import load_split


def main():
    job, arguments = PathsJob.from_arguments(
        __doc__,
        ("first",),
        split="npz file of the prepared split",
        first="npz file of part 0, for the other parts",
        output="npz file to write",
    )
    spec = load_module(job.module)
    # After the imports: what is compared is what was loaded.
    job.require_code()
    first = PathsJob.of(job, 0, job.parts, CodeDependencies())
    known = Known.joined([load_known(path, first.digest) for path in arguments.first])
    found = run_part(spec, load_split(arguments.split, job.data), job, known)
    save_known(arguments.output, job, found)
