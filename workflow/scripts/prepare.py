"""Make one split of a dataset from its checked raw files."""

import argparse
import json
from pathlib import Path

from workbench import errors
from workbench.datasets import _registry as registry
from workbench.split_files import save_split


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", required=True, help="JSON: dataset, module, index, seed, options, files")
    parser.add_argument("--raw", action="append", default=[], metavar="NAME=PATH", help="a checked raw file")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    paths = {name: Path(path) for name, path in (item.split("=", 1) for item in args.raw)}
    save_split(args.output, registry.prepare(json.loads(args.job), paths))


if __name__ == "__main__":
    errors.run(main)
