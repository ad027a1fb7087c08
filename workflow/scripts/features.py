"""Read the features of a dataset's images from its raw archive or folder into one array."""

import argparse
from pathlib import Path

from workbench import plugins
from workbench.jobs import FeaturesJob
from workbench.prepare import read_features


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", required=True, help="JSON of a FeaturesJob")
    parser.add_argument("--source", type=Path, required=True, help="the raw file or the unpacked folder")
    parser.add_argument("--classes", default="", help="a list of the classes, from the data folder")
    parser.add_argument("--array", required=True, metavar="PATH", help="npy file to write")
    parser.add_argument(
        "--header", required=True, metavar="PATH", help="json file to write: what the rows are"
    )
    args = parser.parse_args()
    job = FeaturesJob.from_json(args.job)
    classes = Path(args.classes) if args.classes else None
    read_features(plugins.load_module(job.module), job, args.source, classes, args.array, args.header)
