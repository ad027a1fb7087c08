"""Measure what every task gains from learning together with one other task, on one split."""

from dataclasses import asdict

from amtl.pairs import pair_gains
from workbench.jobs import PairsJob
from workbench.result_files import save_arrays
from workbench.split_files import load_split


def main():
    options = {"split": "npz file of the prepared split", "output": "npz file to write"}
    job, arguments = PairsJob.from_arguments(__doc__, **options)
    save_arrays(arguments.output, job, asdict(pair_gains(load_split(arguments.split, job.data))))
