"""Read the features of a dataset's images out of its raw archive or folder into one array."""

import argparse
import json

from workbench import errors
from workbench.datasets import _registry as registry


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=json.loads, required=True, help="JSON: module and files")
    parser.add_argument("--source", required=True, help="the checked archive, or the unpacked folder")
    parser.add_argument("--classes", help="a list of the classes that lies beside the source")
    parser.add_argument("--array", required=True, help="npy file to write")
    parser.add_argument("--header", required=True, help="json file to write: what the rows are")
    args = parser.parse_args()
    registry.read_features(args.job, args.source, args.classes, args.array, args.header)


if __name__ == "__main__":
    errors.run(main)
