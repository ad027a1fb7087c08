"""Make one split of a dataset from its checked raw files."""

import argparse

from workbench import plugins
from workbench.jobs import PrepareJob
from workbench.prepare import make_split
from workbench.split_files import save_split


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", required=True, help="JSON of a PrepareJob")
    parser.add_argument("--raw", action="extend", nargs="*", default=[], metavar="PATH", help="raw files")
    parser.add_argument("--output", required=True, metavar="PATH", help="npz file to write")
    args = parser.parse_args()
    job = PrepareJob.from_json(args.job)
    save_split(args.output, job, make_split(plugins.load_module(job.module), job, args.raw))
