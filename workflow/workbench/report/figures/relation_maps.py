"""Measured gains of all pairs of tasks beside the relations that methods have learned, as heat maps."""

import numpy as np

from amtl.pairs import agreement
from workbench.papers.lee2016.figures import LEARNER
from workbench.report import _relations as relations
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style

# Generated and other datasets that are shown at most, tasks that a heat map can show, and methods.
MAX_OF_A_KIND, MAX_TASKS, MAX_METHODS = 2, 64, 4
# The scale of the gains is cut at this quantile of their sizes.
SCALE = 0.98


def draw(run, inputs):
    """Return the figure. inputs : ``pairs`` and ``fits``."""
    found = {
        each: relations.gains_and_relations(run, inputs, each.name, {})
        for each in relations.learner_datasets(run)
    }
    shown = _datasets(found)
    methods = [run.method(name) for name in _methods(run, [found[each][1] for each in shown])]
    if not shown:
        figure = style.new_figure(7.4, 1.0)
        figure.suptitle(f"No dataset with a learned relation has at most {MAX_TASKS} tasks")
        return figure
    keys = [*(method.name for method in methods), relations.ALONE]
    titles = [*(method.title for method in methods), "Weights alone, cosine"]
    figure = style.new_figure(1.0 + 2.05 * (len(keys) + 1), 0.4 + 2.25 * len(shown))
    grid = figure.subplots(len(shown), len(keys) + 1, squeeze=False)
    for row, dataset in zip(grid, shown, strict=True):
        gains, own = found[dataset]
        mean = np.mean(list(gains.values()), axis=0)
        top = float(np.quantile(np.abs(mean), SCALE)) or 1.0
        image = _heat(row[0], mean, "PuOr", -top, top)
        row[0].set_title("Measured gain")
        row[0].set_ylabel(f"{style.short(dataset.title, 30)}\nfrom task")
        figure.colorbar(image, ax=row[0], extend="both", label="% of error", shrink=0.8)
        for axes, key, title in zip(row[1:], keys, titles, strict=True):
            if key not in own:
                axes.axis("off")
                axes.set_title(f"{style.short(title, 24)}\nnot run")
                continue
            rho = np.mean([agreement(each, gains[k]).spearman for k, each in own[key].items()])
            _draw_relation(axes, np.mean(list(own[key].values()), axis=0))
            axes.set_title(f"{style.short(title, 24)}\nSpearman {rho:.2f}".replace("-", "−"))
    for axes in grid[-1]:
        axes.set_xlabel("to task")
    return figure


def _datasets(found):
    """Return the generated and the other datasets whose gains agree best from split to split."""

    def agree(dataset):
        gains, own = found[dataset]
        again = own.get(relations.AGAIN, {})
        return -np.mean([agreement(again[k], gains[k]).spearman for k in again]) if again else 0.0

    small = [each for each, (gains, _) in found.items() if len(next(iter(gains.values()))) <= MAX_TASKS]
    chosen = []
    for has_truth in (True, False):
        kind = [each for each in small if each.has_truth == has_truth]
        chosen += sorted(kind, key=agree)[:MAX_OF_A_KIND]
    return [each for each in found if each in chosen]


def _methods(run, own):
    """Return the names of methods to show: AMTL, then the first of each kind of relation."""
    present = [m for m in run.methods if relations.learned(m) and any(m.name in each for each in own)]
    first = {}
    for method in present:
        first.setdefault(relations.learned(method), method.name)
    names = [m.name for m in present if m.name == LEARNER] + list(first.values())
    return list(dict.fromkeys([*names, *(m.name for m in present)]))[:MAX_METHODS]


def _draw_relation(axes, mean):
    shown = mean.copy()
    np.fill_diagonal(shown, 0.0)
    top = float(np.quantile(np.abs(shown), SCALE)) or float(np.abs(shown).max()) or 1.0
    if shown.min() < 0:
        _heat(axes, shown, "PuOr", -top, top)
    else:
        _heat(axes, shown, "Greys", 0.0, top)


def _heat(axes, values, colors, low, high):
    image = axes.imshow(values, cmap=colors, vmin=low, vmax=high, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    return image


SPEC = OutputSpec(
    "Gains and relations",
    "Figures",
    47,
    draw,
    applies=lambda run: bool(relations.learner_datasets(run)),
    fits=relations.learner_fits,
    pairs=relations.pair_splits,
)
