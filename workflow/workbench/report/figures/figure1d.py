"""Figure 1 (d): the error of each task, STL's minus the method's, with intervals over splits."""

from workbench.papers.lee2016.figures import BASELINE, LEARNER, SYNTHETIC, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _bars as bars


def draw(run, inputs):
    """Return the figure. inputs : ``scores`` and ``splits``, one split for the labels of the tasks."""
    (split,) = inputs.load_splits()
    return bars.compare(run, inputs, SYNTHETIC, split.meta)


SPEC = OutputSpec(
    label="Figure 1 (d)",
    section="Figures",
    order=13,
    make=draw,
    reads=("scores",),
    applies=lambda run: len(fitted(run, SYNTHETIC, BASELINE, LEARNER)) == 2,
    splits=lambda run: {SYNTHETIC: [1]},
)
