"""Make one split of a dataset from its checked raw files."""

from workbench import plugins
from workbench.jobs import PrepareJob
from workbench.prepare import make_split
from workbench.split_files import save_split


def main():
    options = {"raw": "raw files, or the files of features", "output": "npz file to write"}
    job, arguments = PrepareJob.from_arguments(__doc__, lists=("raw",), **options)
    save_split(arguments.output, job, make_split(plugins.load_module(job.module), job, arguments.raw))
