"""Figure 1 (b): the weights that AMTL learned, on the scale of the true weights."""

from workbench.papers.lee2016.figures import LEARNER, SYNTHETIC, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _heatmap as heatmap


def draw(run, inputs):
    """Return the figure. inputs : ``fits``, one fit, and ``splits``, its split."""
    (split,) = inputs.load_splits()
    weights = inputs.fit_array("W", SYNTHETIC, LEARNER, 1)
    return heatmap.draw(run, split, weights, f"Weights learned by {run.title(LEARNER)}")


SPEC = OutputSpec(
    label="Figure 1 (b)",
    section="Figures",
    order=11,
    make=draw,
    applies=lambda run: bool(fitted(run, SYNTHETIC, LEARNER)),
    fits=lambda run: {SYNTHETIC: {LEARNER: [1]}},
    splits=lambda run: {SYNTHETIC: [1]},
)
