"""Measure one case of the benchmark: our solver and the alternatives in turn, on the same problems."""

import argparse

from workbench.benchmark.run import run_case
from workbench.jobs import BenchmarkCaseJob
from workbench.result_files import save_record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=BenchmarkCaseJob.from_json, required=True, help="JSON of the job")
    parser.add_argument("--output", required=True, help="json file to write")
    args = parser.parse_args()
    record = run_case(args.job)
    save_record(args.output, args.job, record)
    for setting in record["settings"]:
        for contender in setting["contenders"]:
            if contender.get("agrees") is False:
                print(f"objectives differ: {args.job.case}, {setting['setting']}: {contender['name']}")
