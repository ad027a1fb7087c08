"""Fit one method on one split, tuned over its grid, and score it on the test rows."""

import argparse
import importlib
import json

from workbench.errors import run
from workbench.fit import read_split, run_job, write_fit


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=json.loads, required=True, help="what to fit, as JSON")
    parser.add_argument("--split", required=True, help="npz file of the prepared split")
    parser.add_argument("--npz", required=True, help="where the weights, graph and trace go")
    parser.add_argument("--json", required=True, help="where the record of the fit goes")
    arguments = parser.parse_args()
    method = importlib.import_module(f"amtl.methods.{arguments.job['module']}")
    record, arrays = run_job(method, read_split(arguments.split, arguments.job), arguments.job)
    write_fit(arguments.npz, arguments.json, record, arrays)


run(main)
