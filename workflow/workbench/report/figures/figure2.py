"""Figure 2: the error of each class, STL's minus the method's, with intervals over splits."""

from workbench.report.figures import _bars as bars


def draw(job, inputs):
    """Return the figure. inputs: ``scores``; job: that of `bars.compare`."""
    return bars.compare(job, inputs, {}, task="Class")
