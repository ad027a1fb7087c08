"""Draw the scaling curves, with their fitted exponents, and write their points down."""

import argparse

from workbench.benchmark import curves, records
from workbench.errors import run
from workbench.report import render
from workbench.report.figures import _style as style


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--axes", nargs="*", required=True, help="json files of the axes")
    parser.add_argument("--table", required=True, help=".csv file to write")
    parser.add_argument("--figure", required=True, help=".svg file to write")
    args = parser.parse_args()
    measured = records.read(args.axes, records.AXIS)
    render.write(curves.table(measured), [args.table])
    style.save(curves.draw(measured), [args.figure])


if __name__ == "__main__":
    run(main)
