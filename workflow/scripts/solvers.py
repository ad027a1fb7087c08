"""Measure how fast the solvers of 2MTL reach the optimum on one split."""

from amtl.two_mtl.problem import SharingProblem
from amtl.two_mtl.study import compare_solvers
from workbench.jobs import SolversJob
from workbench.result_files import save_record
from workbench.split_files import load_split


def main():
    options = {"split": "npz file of the prepared split", "output": "json file to write"}
    job, arguments = SolversJob.from_arguments(__doc__, **options)
    split = load_split(arguments.split, job.data)
    found = compare_solvers(SharingProblem(split, split.train), f"{split.dataset}/{split.index}")
    sizes = {"tasks": len(split.tasks), "rows": len(split.train.y)}
    save_record(arguments.output, job, {"dataset": job.dataset, "split": job.split, **sizes, **found})
