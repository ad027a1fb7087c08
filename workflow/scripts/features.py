"""Read the features of a dataset's images from its raw archive or folder into one array."""

from pathlib import Path

from workbench import plugins
from workbench.jobs import FeaturesJob
from workbench.prepare import read_features


def main():
    job, arguments = FeaturesJob.from_arguments(
        __doc__,
        source="the raw file or the unpacked folder",
        classes="a list of the classes, from the data folder, or an empty text",
        array="npy file to write",
        header="json file to write: what the rows are",
    )
    classes = Path(arguments.classes) if arguments.classes else None
    spec = plugins.load_module(job.module)
    read_features(spec, job, Path(arguments.source), classes, arguments.array, arguments.header)
