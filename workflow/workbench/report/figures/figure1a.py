"""Figure 1 (a): the true weights that generated the data."""

from amtl.errors import InputError
from workbench.papers.lee2016.numbers import dataset_title
from workbench.report.figures import _heatmap as heatmap
from workbench.split_files import load_split


def draw(job, inputs):
    """Return the figure. inputs: ``splits`` = [one split of a generated dataset]."""
    path = inputs["splits"][0]
    split = load_split(path)
    if split.truth is None:
        raise InputError(f"{path}: holds no true weights; figure1a needs a generated dataset")
    return heatmap.draw(
        split.truth,
        split.tasks,
        f"True weights\n{dataset_title(split.dataset)}, split {split.index}",
        heatmap.limits(split.truth),
        split.meta,
    )
