"""The look of all figures: readable without color, and the same bytes for every user."""

from pathlib import Path

from amtl.errors import InputError
from workbench.result_files import replacing

# Okabe and Ito's color-blind-safe colors without yellow, and five more that differ from them in lightness;
# hatches, markers and lines tell methods apart in grey print.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7", "#000000")
COLORS += ("#882255", "#999933", "#332288", "#8C8C8C", "#7A4A1E")
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "++")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
EASY = {"facecolor": "white", "edgecolor": "black"}
HARD = {"facecolor": "0.72", "edgecolor": "black"}

SETTINGS = {
    # DejaVu comes with matplotlib. Where a reader of an svg lacks it, the font is their own sans-serif.
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
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
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    # Titles may hold any characters; matplotlib would read text between two dollar signs as a formula.
    "text.parse_math": False,
}
# Characters of a task's name in a figure, and of all names beside each other on an axis.
MAX_NAME, MAX_CHARACTERS = 24, 90
# The date of drawing does not go into the file.
METADATA = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}
# What error bars show, by the kind of interval.
BARS = {"t": "95 % interval", "normal": "1.96 standard errors"}


def new_figure(width, height):
    """Return an empty figure, in inches, with `SETTINGS` in force and none of the user's."""
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcdefaults()
    matplotlib.rcParams.update(SETTINGS)
    return Figure(figsize=(width, height), layout="constrained")


def panels(count, columns, size, margin, label, **keywords):
    """Return (figure, axes of `count` panels) in rows of `columns`.

    size : width of the figure and height of a row. margin : height of what is not a panel. label : of the
    y axes on the left. keywords : of `Figure.subplots`.
    """
    rows = -(-count // columns)
    figure = new_figure(size[0], size[1] * rows + margin)
    grid = figure.subplots(rows, columns, squeeze=False, **keywords)
    for axes in grid[:, 0]:
        axes.set_ylabel(label)
    for axes in grid.flat[count:]:
        axes.axis("off")
    return figure, grid.flat[:count]


def legend(figure, columns, **keywords):
    """Add a legend below all axes."""
    figure.legend(loc="outside lower center", ncols=columns, frameon=False, **keywords)


def finish(figure):
    """Write the numbers on logarithmic axes as plain text; matplotlib's default is a formula."""
    from matplotlib.ticker import LogFormatter, LogFormatterSciNotation

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), LogFormatterSciNotation):
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


def color(i):
    """Return the color of the method at place `i` of a run, the same in all figures."""
    return COLORS[i % len(COLORS)]


def seconds_axis(axis):
    """Label a logarithmic axis of seconds in the unit that suits each number, such as 10 µs."""
    from matplotlib.ticker import EngFormatter, NullFormatter

    axis.set_major_formatter(EngFormatter(unit="s", places=0))
    axis.set_minor_formatter(NullFormatter())


def line_look(i):
    """Return the keywords of the line of the method at place `i` of a run.

    49 methods have different markers or line styles.
    """
    turn = i + i // len(LINES)
    return {
        "color": color(i),
        "linestyle": LINES[i % len(LINES)],
        "marker": MARKERS[turn % len(MARKERS)],
        "markersize": 4,
        "linewidth": 1.1,
        "markerfacecolor": "white",
    }


def point_look(i):
    """Return the keywords of the point of the method at place `i`: later turns of the colors are filled."""
    filled = i // len(COLORS) % 2 == 1
    return line_look(i) | {"linestyle": "none", "markerfacecolor": color(i) if filled else "white"}


def task_ticks(axis, tasks, difficulty=None):
    """Label one axis (``axes.xaxis`` or ``axes.yaxis``) with task names, with E or H for easy and hard.

    Of more than 25 tasks an evenly spaced selection is labelled.
    """
    tasks = [short(task) for task in tasks]
    step = -(-len(tasks) // 25)
    letters = [""] * len(tasks) if difficulty is None else [each[0].upper() for each in difficulty]
    vertical = axis.axis_name == "y"
    names = [
        task if not letter else f"{task} {letter}" if vertical else f"{task}\n{letter}"
        for task, letter in zip(tasks, letters, strict=True)
    ]
    axis.set_ticks(range(0, len(tasks), step), names[::step])
    axis.set_tick_params(length=0)
    # Names beside each other need room.
    if not vertical and sum(map(len, tasks[::step])) > MAX_CHARACTERS:
        axis.set_tick_params(rotation=90)


def short(name, most=MAX_NAME):
    """Return the name of a task in at most `most` characters."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def task_axis(axis, tasks, meta, label, **border):
    """Label one axis with tasks and its own name; draw lines, of the look `border`, between groups of tasks.

    meta : ``difficulty`` and ``group`` of the tasks, where they are known.
    """
    line = axis.axes.axvline if axis.axis_name == "x" else axis.axes.axhline
    for position in group_borders(meta.get("group", ())):
        line(position, **border)
    task_ticks(axis, tasks, meta.get("difficulty"))
    axis.set_label_text(label + (" (E easy, H hard)" if "difficulty" in meta else ""))


def group_borders(group):
    """Return the positions, between tasks, at which the group changes."""
    return [i - 0.5 for i in range(1, len(group)) if group[i] != group[i - 1]]


def title(axes, text, meta):
    """Set the title and, below it, the name of each group of tasks on the x axis, if `meta` has groups."""
    group = meta.get("group", ())
    axes.set_title(text, pad=17 if group else 6)
    edges = [-0.5, *group_borders(group), len(group) - 0.5]
    place = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom", "fontsize": 8}
    for start, end in zip(edges[:-1], edges[1:], strict=True) if group else ():
        axes.text((start + end) / 2, 1.01, f"group {group[int(start + 0.5)]}", **place)


def plus_minus(values, kind):
    """Return the part of a title that says how many splits a figure shows and what its bars mean.

    kind : as for `amtl.statistics.interval`.
    """
    if values.half is None:
        return "one split"
    return f"mean over {values.n} splits, {BARS[kind]}"
