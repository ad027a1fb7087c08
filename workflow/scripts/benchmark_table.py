"""Put the measured cases into one table, with the goals and whether they are reached."""

import argparse

from workbench.benchmark import records, table
from workbench.errors import run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", required=True, help="json files of cases, in the table's order")
    parser.add_argument("--outputs", nargs="+", required=True, help=".csv and .md files to write")
    args = parser.parse_args()
    measured = records.read(args.cases, records.CASE)
    table.write(measured, args.outputs)


if __name__ == "__main__":
    run(main)
