"""Make one table in every format that is asked for; the table's own module is all that is imported."""

import argparse
import json

from workbench.named import Inputs, load

from workbench.errors import run
from workbench.report import render, tables


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True, help="name of a file in amtl/tables, such as table1")
    parser.add_argument(
        "--job", default="{}", type=json.loads, help="JSON; the table's docstring has the keys"
    )
    for name in ("scores", "timings", "warnings", "methods", "versions"):
        parser.add_argument(f"--{name}", help=f"the csv file of {name} to read")
    parser.add_argument("--splits", nargs="+", help="npz files of splits to read")
    parser.add_argument("--fits", nargs="+", help="npz files of fits: .../{dataset}/{method}/split{k}.npz")
    parser.add_argument("--ours", nargs="+", help="csv files of this run's tables to read")
    parser.add_argument("--published", nargs="+", help="files of the published run to read")
    parser.add_argument("--outputs", nargs="+", required=True, help=".csv, .md, .tex or .html files to write")
    args = parser.parse_args()

    build = load(tables, args.table, "build")
    table = build(args.job, Inputs({role: paths for role, paths in vars(args).items() if paths}))
    render.write(table, args.outputs)
    print(f"{table.title}: {', '.join(args.outputs)}")


if __name__ == "__main__":
    run(main)
