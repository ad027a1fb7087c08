"""Figure 1 (a): the true weights that generated the data."""

from amtl.errors import InputError
from workbench.papers.lee2016.figures import SYNTHETIC
from workbench.report._spec import OutputSpec
from workbench.report.figures import _heatmap as heatmap
from workbench.split_files import load_split


def draw(run, inputs):
    """Return the figure. inputs : ``splits``, one split of a generated dataset."""
    ((path, digest),) = inputs["splits"]
    split = load_split(path, digest)
    if split.truth is None:
        raise InputError(f"{path}: holds no true weights; figure1a needs a generated dataset")
    return heatmap.draw(
        split.truth,
        split.tasks,
        f"True weights\n{run.dataset(SYNTHETIC).title}, split {split.index}",
        heatmap.limits(split.truth),
        split.meta,
    )


SPEC = OutputSpec(
    label="Figure 1 (a)",
    section="Figures",
    order=10,
    make=draw,
    applies=lambda run: run.dataset(SYNTHETIC) is not None,
    splits=lambda run: {SYNTHETIC: [1]},
)
