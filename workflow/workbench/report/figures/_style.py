"""The look of all figures: readable without color, and the same bytes for every user."""

from pathlib import Path

from amtl.errors import InputError
from workbench.result_files import replacing

# Okabe and Ito's color-blind-safe colors; hatches, markers and lines tell methods apart in grey print.
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
    # Titles may hold any characters; matplotlib would read text between two dollar signs as a formula.
    "text.parse_math": False,
}
# The date of drawing does not go into the file.
METADATA = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}


def new_figure(width, height):
    """Return an empty figure, in inches, with `SETTINGS` in force and none of the user's."""
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcdefaults()
    matplotlib.rcParams.update(SETTINGS)
    return Figure(figsize=(width, height), layout="constrained")


def finish(figure):
    """Write the numbers on logarithmic axes as plain text; matplotlib's default is a formula."""
    from matplotlib.ticker import LogFormatter

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_scale() == "log":
                axis.set_major_formatter(LogFormatter())
                axis.set_minor_formatter(LogFormatter())


def save(figure, paths):
    """Write `figure` to each of `paths`, in the format that its suffix names."""
    finish(figure)
    for path in paths:
        kind = Path(path).suffix
        if kind not in METADATA:
            raise InputError(f"{path}: not a format of figures; use one of {', '.join(METADATA)}")
        with replacing(path) as temporary:
            figure.savefig(temporary, format=kind[1:], metadata=METADATA[kind], dpi=150)


def line_look(i):
    """Return the keywords of the line of method `i`; 49 methods have different markers or line styles."""
    turn = i + i // len(COLORS)
    return {
        "color": COLORS[i % len(COLORS)],
        "linestyle": LINES[i % len(LINES)],
        "marker": MARKERS[turn % len(MARKERS)],
        "markersize": 4,
        "linewidth": 1.1,
        "markerfacecolor": "white",
    }


def task_ticks(axis, tasks, difficulty=None):
    """Label one axis (``axes.xaxis`` or ``axes.yaxis``) with task names, with E or H for easy and hard.

    Of more than 25 tasks an evenly spaced selection is labelled.
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
    """Return the part of a title that says how many splits a figure shows and what its bars mean."""
    return f"mean over {values.n} splits, 95 % interval" if values.half is not None else "one split"
