"""Draw the scaling curves, with their fitted exponents, and write their points down."""

import argparse
import json
from pathlib import Path

from amtl.benchmark import curves
from amtl.errors import run
from amtl.plots import style
from amtl.tables import render


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--axes", nargs="*", required=True, help="json files of the axes")
    parser.add_argument("--table", required=True, help=".csv file to write")
    parser.add_argument("--figure", required=True, help=".svg file to write")
    args = parser.parse_args()
    records = [json.loads(Path(path).read_text(encoding="utf-8")) for path in args.axes]
    render.write(curves.table(records), [args.table])
    style.save(curves.draw(records), [args.figure])


if __name__ == "__main__":
    run(main)
