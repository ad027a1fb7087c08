"""Figure 2: the error of each class, STL's minus the method's, with intervals over splits."""

from workbench.papers.lee2016.figures import BASELINE, COMPARED, MNIST, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _bars as bars


def draw(run, inputs):
    """Return the figure. inputs : ``scores``."""
    return bars.compare(run, inputs, MNIST, {}, task="Class")


SPEC = OutputSpec(
    "Figure 2",
    "Figures",
    20,
    draw,
    reads=("scores",),
    applies=lambda run: bool(fitted(run, MNIST, BASELINE) and fitted(run, MNIST, *COMPARED)),
)
