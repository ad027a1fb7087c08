"""One look for all figures: told apart without color, and the same bytes from the same numbers."""

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from amtl.errors import InputError
from workbench.result_files import replacing

# Okabe and Ito's color-blind-safe colors; hatches, markers and lines tell apart what grey print does not.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7", "#000000")
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "++")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
EASY = {"facecolor": "white", "edgecolor": "black"}
HARD = {"facecolor": "0.72", "edgecolor": "black"}

SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "amtl",
    "pdf.fonttype": 42,
}
# Nothing of the moment of drawing goes into the file.
METADATA = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}


def new_figure(width, height):
    """Return an empty figure, in inches, with the settings above in force."""
    matplotlib.rcParams.update(SETTINGS)
    return Figure(figsize=(width, height), layout="constrained")


def save(figure, paths):
    """Write `figure` to each of `paths`, in the format that its suffix names."""
    for path in paths:
        kind = Path(path).suffix
        if kind not in METADATA:
            raise InputError(f"{path}: a figure is written as one of {', '.join(METADATA)}")
        with replacing(path) as temporary:
            figure.savefig(temporary, format=kind[1:], metadata=METADATA[kind], dpi=150)


def task_ticks(axis, tasks, difficulty=None):
    """Label one axis (``axes.xaxis`` or ``axes.yaxis``) with task names, with E or H for easy and hard.

    Names that would overlap are thinned out evenly.
    """
    step = -(-len(tasks) // 25)
    letters = [""] * len(tasks) if difficulty is None else [each[0].upper() for each in difficulty]
    vertical = axis.axis_name == "y"
    names = [
        task if not letter else f"{task} {letter}" if vertical else f"{task}\n{letter}"
        for task, letter in zip(tasks, letters, strict=True)
    ]
    axis.set_ticks(range(0, len(tasks), step), names[::step])
    axis.set_tick_params(length=0)


def group_borders(group):
    """Return the positions, between tasks, at which the group changes."""
    return [i - 0.5 for i in range(1, len(group)) if group[i] != group[i - 1]]


def title(axes, text, group=()):
    """Set the title and, below it, the name of each group of tasks on the x axis, if there are groups."""
    axes.set_title(text, pad=17 if group else 6)
    if not group:
        return
    edges = [-0.5, *group_borders(group), len(group) - 0.5]
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        name = f"group {group[int(start + 0.5)]}"
        place = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom", "fontsize": 8}
        axes.text((start + end) / 2, 1.01, name, **place)


def plus_minus(values):
    """Return what ± and the bars of a figure over `n` splits mean, for its title."""
    return f"mean over {values.n} splits, 95 % interval" if values.half is not None else "one split"
