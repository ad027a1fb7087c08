"""The pictures that explain AMTL, drawn with the library: ``python docs/pictures.py`` writes docs/images.

They are kept with the project, so that the pages show them without a built site.
"""

import io
from pathlib import Path

import numpy as np

import amtl

EASY, HARD = "#0072b2", "#d55e00"


def pictures():
    """Return {file name: svg}."""
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcdefaults()
    matplotlib.rcParams.update({"svg.hashsalt": "amtl", "svg.fonttype": "none", "font.size": 10})
    drawings = (("sharing.svg", draw_sharing, (9, 2.9)), ("transfer.svg", draw_transfer, (10, 3.2)))
    found = {}
    for name, draw, size in drawings:
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
        found[name] = stream.getvalue()
    return found


def draw_sharing(figure):
    """Three tasks that learn alone, from a common model, and along directed edges."""
    places = np.array([(0.5, 0.85), (0.12, 0.2), (0.88, 0.2)])
    names = ("easy", "hard", "hard")
    kinds = (
        ("Alone: nothing is shared", ()),
        ("Symmetric: all share with all", ((0, 1, "<->"), (0, 2, "<->"), (1, 2, "<->"))),
        ("AMTL: easy gives, hard receives", ((0, 1, "->"), (0, 2, "->"))),
    )
    for axes, (title, edges) in zip(figure.subplots(1, 3), kinds, strict=True):
        axes.set(xlim=(-0.15, 1.15), ylim=(-0.05, 1.1), title=title)
        axes.title.set_fontsize(10)
        axes.axis("off")
        for source, target, style in edges:
            arrow = {"arrowstyle": style, "shrinkA": 20, "shrinkB": 20, "lw": 2.2, "color": "0.3"}
            axes.annotate("", places[target], places[source], arrowprops=arrow)
        for place, name in zip(places, names, strict=True):
            axes.scatter(*place, s=1400, color=EASY if name == "easy" else HARD, zorder=3)
            axes.text(*place, name, color="white", ha="center", va="center", zorder=4)


def related_tasks():
    """Return a split of an easy and two hard tasks with similar weights, and these weights (11, 3)."""
    random = np.random.default_rng(0)
    rows, noise = 20, np.array([0.5, 6.0, 6.0])
    weights = 2 * random.normal(size=10)[:, None] + 0.3 * random.normal(size=(10, 3))

    def part(rows):
        task = np.repeat(np.arange(3), rows)
        X = random.normal(size=(3 * rows, 10))
        y = np.sum(X * weights[:, task].T, axis=1) + noise[task] * random.normal(size=3 * rows)
        return amtl.Part(np.column_stack([X, np.ones(3 * rows)]), y, rows * np.arange(4))

    parts = {"train": part(rows), "validation": part(100), "test": part(100)}
    return amtl.Split("pictures", 1, "regression", ("easy", "hard 1", "hard 2"), **parts), weights


def draw_transfer(figure):
    """The weights of two of the tasks by STL and AMTL beside the true ones, and AMTL's graph."""
    split, weights = related_tasks()
    stl, ours = (amtl.tune(amtl.load_method(name), split, "squared").fit for name in ("stl", "amtl"))
    *panels, last = figure.subplots(1, 3, width_ratios=(3, 3, 2))
    features = np.arange(1, len(weights) + 1)
    for task, axes in enumerate(panels):
        axes.bar(features, weights[:, task], color="0.85", label="true weights")
        for fit, marker, color, label in ((stl, "x", HARD, "STL"), (ours, "o", EASY, "AMTL")):
            axes.plot(features, fit.W[:-1, task], marker, color=color, label=label)
        axes.axhline(0, color="black", lw=0.8)
        axes.set(title=f"Weights of the task {split.tasks[task]}", xlabel="feature", xticks=features)
        axes.spines[["top", "right"]].set_visible(False)
    panels[1].sharey(panels[0])
    panels[0].legend(frameon=False, loc="lower left")
    last.imshow(ours.B, cmap="Blues", vmin=0, vmax=1.5)
    for (source, target), edge in np.ndenumerate(ours.B):
        last.text(target, source, f"{edge:.2f}" if edge else "0", ha="center", va="center")
    last.set(title="The graph of AMTL", xlabel="to", ylabel="from")
    last.set(xticks=range(3), xticklabels=split.tasks, yticks=range(3), yticklabels=split.tasks)


def main():
    for name, text in pictures().items():
        Path(__file__).parent.joinpath("images", name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
