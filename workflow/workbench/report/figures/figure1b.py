"""Figure 1 (b): the weights that AMTL learned, on the scale of the true weights, and what they miss by."""

from workbench.papers.lee2016.figures import LEARNER, SYNTHETIC, first_split, has_learned, learned
from workbench.report._spec import OutputSpec
from workbench.report.figures import _heatmap as heatmap


def draw(run, inputs):
    """Return the figure. inputs : ``fits``, one fit, and ``splits``, its split."""
    (split,) = inputs.load_splits()
    weights = inputs.fit_array("W", SYNTHETIC, LEARNER, 1)
    difference = None if split.truth is None else ("Learned minus true weights", weights - split.truth)
    return heatmap.draw(run, split, weights, f"Weights learned by {run.title(LEARNER)}", difference)


SPEC = OutputSpec("Figure 1 (b)", "Figures", 11, draw, applies=has_learned, fits=learned, splits=first_split)
