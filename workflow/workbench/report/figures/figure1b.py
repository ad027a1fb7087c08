"""Figure 1 (b): the weights that a method learned, on the scale of the true ones."""

from workbench.papers.lee2016.numbers import dataset_title, method_title
from workbench.report.figures import _heatmap as heatmap
from workbench.scores import read_arrays
from workbench.split_files import load_split


def draw(job, inputs):
    """Return the figure.

    inputs: ``fits`` = [one fit], ``splits`` = [its split]; job: ``titles``.
    """
    dataset, method, index, arrays = read_arrays(inputs["fits"][0])
    split = load_split(inputs["splits"][0])
    return heatmap.draw(
        arrays["W"],
        split.tasks,
        f"Weights learned by {method_title(job, method)}\n{dataset_title(dataset)}, split {index}",
        heatmap.limits(arrays["W"] if split.truth is None else split.truth),
        split.meta,
    )
