"""Get one raw file of the registry: from the data folder or by download, checked."""

import argparse

from workbench import errors
from workbench.raw_files import raw


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", required=True, help="name in the registry")
    parser.add_argument("--registry", required=True, help="path of datasets.yaml")
    parser.add_argument("--folder", help="local data folder, looked in first")
    parser.add_argument("--attempts", type=int, default=4, help="tries per address")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds without an answer")
    parser.add_argument("--backoff", type=float, default=1.0, help="seconds before the second try")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    entry = raw.find_entry(raw.load_registry(args.registry), args.file)
    raw.acquire(args.file, entry, args.folder, args.output, args.attempts, args.timeout, args.backoff)


if __name__ == "__main__":
    errors.run(main)
