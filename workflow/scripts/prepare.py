"""Make one split of a dataset from its checked raw files."""

import json
import os

from workbench import plugins
from workbench.jobs import PrepareJob
from workbench.prepare import make_split
from workbench.split_files import save_split


def main():
    options = {"raw": "raw files, or the files of features", "output": "npz file to write"}
    job, arguments = PrepareJob.from_arguments(__doc__, lists=("raw",), **options)
    # Where a file of the user's is: not part of the job, which holds the digest of its content.
    own = json.loads(os.environ.get("WORKBENCH_DATA", "{}")).get("own", {}).get(job.dataset, {})
    paths = [*arguments.raw, *own.values()]
    save_split(arguments.output, job, make_split(plugins.load_module(job.module), job, paths))
