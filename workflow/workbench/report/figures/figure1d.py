"""Figure 1 (d): the error of each task, STL's minus the method's, with intervals over splits."""

from workbench.papers.lee2016.figures import BASELINE, LEARNER, SYNTHETIC, first_split, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _bars as bars


def draw(run, inputs):
    """Return the figure. inputs : ``scores`` and ``splits``, one split for the labels of the tasks."""
    (split,) = inputs.load_splits()
    return bars.compare(run, inputs, SYNTHETIC, split.meta)


SPEC = OutputSpec(
    "Figure 1 (d)",
    "Figures",
    13,
    draw,
    reads=("scores",),
    applies=lambda run: len(fitted(run, SYNTHETIC, BASELINE, LEARNER)) == 2,
    splits=first_split,
)
