"""Figure 1 (d): the error of each task, STL's minus the method's, with intervals over splits."""

from workbench.report.figures import _bars as bars
from workbench.split_files import load_split


def draw(job, inputs):
    """Return the figure.

    inputs: ``scores``, ``splits`` = [one split, for the labels of the tasks]; job: that of `bars.compare`.
    """
    return bars.compare(job, inputs, load_split(inputs["splits"][0]).meta)
