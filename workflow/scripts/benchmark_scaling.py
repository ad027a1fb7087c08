"""Measure how seconds and memory grow along one axis: tasks, features or rows."""

import argparse
import json

from workbench.benchmark import one_thread  # noqa: F401  (before numpy is imported)
from workbench.benchmark.scaling import run_axis
from workbench.errors import run
from workbench.result_files import write_json


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--axis", required=True, help="tasks, features or rows")
    parser.add_argument("--job", type=json.loads, required=True, help="JSON: plan, sizes")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    write_json(args.output, run_axis(args.axis, args.job))


if __name__ == "__main__":
    run(main)
