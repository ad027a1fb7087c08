"""Figure 1 (a): the true weights that generated the data."""

from amtl.errors import InputError
from workbench.papers.lee2016.figures import SYNTHETIC, first_split
from workbench.report._spec import OutputSpec
from workbench.report.figures import _heatmap as heatmap


def draw(run, inputs):
    """Return the figure. inputs : ``splits``, one split of a generated dataset."""
    (split,) = inputs.load_splits()
    if split.truth is None:
        path = inputs["splits"][0][0]
        raise InputError(f"{path}: holds no true weights; figure1a needs a generated dataset")
    return heatmap.draw(run, split, split.truth, "True weights")


SPEC = OutputSpec(
    "Figure 1 (a)",
    "Figures",
    10,
    draw,
    applies=lambda run: run.dataset(SYNTHETIC) is not None,
    splits=first_split,
)
