"""Figure 1 (b): the weights that AMTL learned, on the scale of the true weights."""

from workbench.papers.lee2016.figures import LEARNER, SYNTHETIC, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _heatmap as heatmap
from workbench.split_files import load_split


def draw(run, inputs):
    """Return the figure. inputs : ``fits``, one fit, and ``splits``, its split."""
    ((path, digest),) = inputs["splits"]
    split = load_split(path, digest)
    weights = inputs["fits"].arrays(SYNTHETIC, LEARNER, 1)["W"]
    dataset = run.dataset(SYNTHETIC)
    return heatmap.draw(
        weights,
        split.tasks,
        f"Weights learned by {run.method(LEARNER).title}\n{dataset.title}, split {split.index}",
        heatmap.limits(weights if split.truth is None else split.truth),
        split.meta,
    )


SPEC = OutputSpec(
    label="Figure 1 (b)",
    section="Figures",
    order=11,
    make=draw,
    applies=lambda run: bool(fitted(run, SYNTHETIC, LEARNER)),
    fits=lambda run: {SYNTHETIC: {LEARNER: [1]}},
    splits=lambda run: {SYNTHETIC: [1]},
)
