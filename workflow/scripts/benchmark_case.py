"""Measure one case of the benchmark: ours and the alternatives, in turn, on the same problem."""

import argparse
import json

from workbench.benchmark import one_thread  # noqa: F401  (before numpy is imported)
from workbench.benchmark.run import run_case
from workbench.errors import run
from workbench.result_files import write_json


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", required=True, help="name of a file in amtl/benchmark/cases, with - for _")
    parser.add_argument("--job", type=json.loads, required=True, help="JSON: plan, sources, not_run")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    record = run_case(args.case, args.job)
    write_json(args.output, record)
    for setting in record["settings"]:
        for contender in setting["contenders"]:
            if contender.get("agrees") is False:
                print(f"objectives differ: {args.case}, {setting['setting']}: {contender['name']}")


if __name__ == "__main__":
    run(main)
