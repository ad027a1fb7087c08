"""Measure how time and memory grow along one axis: tasks, features or rows."""

import argparse

from workbench.benchmark.scaling import run_axis
from workbench.jobs import BenchmarkScalingJob
from workbench.result_files import save_record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=BenchmarkScalingJob.from_json, required=True, help="JSON of the job")
    parser.add_argument("--output", required=True, help="json file to write")
    args = parser.parse_args()
    save_record(args.output, args.job, run_axis(args.job))
