"""Mean ranks on a line; methods joined by a bar do not differ by more than chance."""

from amtl.ranks import alike
from workbench.report import _ranks
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style
from workbench.scores import Scores

# Heights, in rows of text.
BAR, ROW = 0.32, 0.2
MAX_NAME = 32
NAME = {"textcoords": "offset points", "va": "center", "fontsize": 8}


def draw(run, inputs):
    """Return the figure. inputs : ``scores``."""
    found = _ranks.ranking(run, Scores(inputs["scores"]))
    figure = style.new_figure(7.4, 1.0)
    axes = figure.subplots()
    axes.spines[:].set_visible(False)
    axes.set_yticks([])
    if not found.enough:
        axes.set_xticks([])
        axes.set_title("Too few methods with results on the same datasets to rank them")
        return figure
    order = sorted(range(len(found.methods)), key=lambda k: found.ranks[k])
    ranks, names = (
        [float(found.ranks[k]) for k in order],
        [style.short(found.methods[k].title, MAX_NAME) for k in order],
    )
    groups = alike(ranks, found.difference)
    count = len(ranks)
    per_side = -(-count // 2)
    top = BAR * (len(groups) + 1)
    depth = top + BAR + per_side
    figure.set_size_inches(7.4, 1.15 + ROW * depth)
    low, high = 1.0, float(max(count, 2))
    for row, (first, last) in enumerate(groups, start=1):
        axes.plot(
            [ranks[first] - 0.004 * (high - low), ranks[last] + 0.004 * (high - low)],
            [BAR * row] * 2,
            color="black",
            linewidth=2.6,
            solid_capstyle="butt",
        )
    for place, (rank, name) in enumerate(zip(ranks, names, strict=True)):
        left = place < per_side
        height = top + BAR + (place if left else count - 1 - place)
        end = low - 0.01 * (high - low) if left else high + 0.01 * (high - low)
        axes.plot([rank, rank, end], [0.0, height, height], color="0.35", linewidth=0.7)
        text = f"{name}  {rank:.2f}" if left else f"{rank:.2f}  {name}"
        side = {"ha": "right", "xytext": (-3, 0)} if left else {"ha": "left", "xytext": (3, 0)}
        axes.annotate(text, (end, height), **side, **NAME)
    axes.plot([low, high], [0, 0], color="black", linewidth=1.0)
    _draw_scale(axes, low, high, found.difference)
    axes.set_ylim(depth, -3.6)
    axes.set_xlim(low - 0.42 * (high - low), high + 0.42 * (high - low))
    axes.set_title(f"Mean ranks of {count} methods on {len(found.datasets)} datasets")
    axes.set_xticks([])
    return figure


def _draw_scale(axes, low, high, difference):
    """Draw the numbers of the ranks and the length of the critical difference above the line."""
    step = max(round((high - low) / 10), 1)
    for tick in range(int(low), int(high) + 1, step):
        axes.plot([tick, tick], [0, -0.25], color="black", linewidth=0.8)
        axes.text(tick, -0.45, str(tick), ha="center", va="bottom", fontsize=8)
    end = low + difference
    axes.plot([low, end], [-2.2, -2.2], color="black", linewidth=1.0, marker="|", markersize=6)
    label = f"critical difference {difference:.2f}"
    axes.annotate(label, (end, -2.2), xytext=(6, 0), ha="left", **NAME)


SPEC = OutputSpec("Critical difference", "Figures", 45, draw, reads=("scores",), applies=_ranks.may_rank)
