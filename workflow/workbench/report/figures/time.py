"""Where the time goes: CPU seconds of all fits, by method and by dataset."""

from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style
from workbench.scores import TIMING_COLUMNS, by_split, read_table

# Height in inches of a bar, and of what is not a bar.
BAR, REST = 0.17, 1.0
# Characters of a name.
MAX_NAME = 28


def draw(run, inputs):
    """Return the figure. inputs : ``timings``."""
    table = read_table(inputs["timings"], TIMING_COLUMNS)
    methods, datasets = {}, {}
    for (dataset, method), seconds in by_split(table, ("dataset", "method"), "total").items():
        for found, name in ((methods, run.title(method)), (datasets, run.title(dataset))):
            found[name] = found.get(name, 0.0) + sum(seconds.values())
    whole = sum(methods.values())
    rows = max(len(methods), len(datasets), 1)
    figure = style.new_figure(7.4, REST + BAR * rows)
    panels = figure.subplots(1, 2)
    for axes, found, label in zip(panels, (methods, datasets), ("Method", "Dataset"), strict=True):
        names = sorted(found, key=lambda name: (-found[name], name))
        axes.barh(range(len(names)), [found[name] for name in names], color=style.COLORS[3])
        for place, name in enumerate(names):
            share = 100.0 * found[name] / max(whole, 1e-300)
            axes.text(found[name], place, f" {share:.0f} %" if share >= 1.0 else "", va="center", fontsize=7)
        axes.set_yticks(range(len(names)), [style.short(name, MAX_NAME) for name in names])
        # The bars of both panels are equally thick.
        axes.set_ylim(rows - 0.5, -0.5)
        axes.margins(x=0.15)
        axes.set_xlabel("CPU seconds of all splits")
        axes.set_title(label)
    figure.suptitle(f"Fits: {whole:,.0f} CPU seconds, without the start-up of the jobs")
    return figure


SPEC = OutputSpec("Time", "Figures", 55, draw, reads=("timings",))
