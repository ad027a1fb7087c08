"""A table as csv, markdown, LaTeX (booktabs) and a page of HTML that needs nothing else."""

import html
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from amtl.errors import InputError
from amtl.statistics import Interval
from workbench import scores
from workbench.result_files import write_text

# The cell of a number that does not exist.
NOTHING = "–"
BEST = "★"

# What markdown on GitHub would read as mark-up.
MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_|<[&~$"})
LATEX = str.maketrans(
    {mark: f"\\{mark}" for mark in "&%$#_{}"}
    | {mark: f"${mark}$" for mark in "<>|"}
    # After the end of a row these would be read as its arguments.
    | {"[": "{[}", "*": "{*}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"–": "--", "−": "$-$", "²": "$^2$", "±": r"$\pm$", "×": r"$\times$", "√": r"$\surd$", "★": r"$\star$"}
    | {"†": r"$\dagger$", "‡": r"$\ddagger$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "→": r"$\to$"}
)

# Units of time: (name, seconds, smallest mean in seconds that has it).
UNITS = (("h", 3600.0, 7200.0), ("min", 60.0, 120.0), ("s", 1.0, 1.0), ("ms", 1e-3, 1e-3), ("µs", 1e-6, 0.0))

STYLE = """
body { font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #111; margin: 1.5rem; }
table { border-collapse: collapse; border-top: 2px solid #111; border-bottom: 2px solid #111; }
caption { text-align: left; font-weight: 600; font-size: 1.1em; padding-bottom: .6rem; }
th, td { padding: .3rem .8rem; text-align: left; vertical-align: top; }
th { vertical-align: bottom; white-space: normal !important; }
.r { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.n { white-space: nowrap; }
.w { min-width: 9rem; max-width: 34rem; overflow-wrap: anywhere; }
thead tr:last-child th { border-bottom: 1px solid #111; }
thead .g { text-align: center; border-bottom: 1px solid #999; }
tbody + tbody { border-top: 1px solid #111; }
tbody .b th { font-weight: 400; font-style: italic; }
tbody tr:nth-child(even) td { background: #f4f4f4; }
code { font-size: .85em; }
p { max-width: 60rem; margin: .5rem 0 0; font-size: .9em; color: #333; }
@media print { body { margin: 0; font-size: 10px; } th, td { padding: .15rem .4rem; } }
"""


class Bold(str):
    """A cell in bold."""


class Code(str):
    """A cell in a fixed-width font that may break anywhere, such as a checksum."""


@dataclass
class Table:
    """The content of a table; every cell is a string and may hold any text.

    align : one letter per column: ``l`` left on one line, ``r`` right, ``w`` left and wrapped.
    blocks : (title or None, rows) pairs, separated by a rule.
    groups : (label, number of columns) pairs above the columns; an empty label for columns without a group.
    records : the same content for programs, one dict per row of the csv.
    """

    title: str
    columns: list
    align: str
    blocks: list
    records: list
    groups: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def write(table, paths):
    """Write `table` to each of `paths`, in the format that its suffix names."""
    for path in paths:
        writer = WRITERS.get(Path(path).suffix)
        if writer is None:
            raise InputError(f"{path}: a table is written as one of {', '.join(sorted(WRITERS))}")
        write_text(path, writer(table))


def to_csv(table):
    """Return the records as csv; a missing value is an empty field."""
    import pandas as pd

    columns = list(table.records[0]) if table.records else table.columns
    return scores.to_csv(pd.DataFrame(table.records, columns=columns, dtype=object))


def to_markdown(table):
    """Return a GitHub-flavoured table; a column of a group is headed ``group: column``."""
    labels = [label for label, span in table.groups for _ in range(span)] or [""] * len(table.columns)
    heads = [f"{label}: {head}" if label else head for label, head in zip(labels, table.columns, strict=True)]
    rows = [map(_markdown, heads), ("--:" if letter == "r" else ":--" for letter in table.align)]
    for title, cells in table.blocks:
        if title:
            rows.append([f"*{_markdown(title)}*", *[""] * (len(table.columns) - 1)])
        rows += [map(_markdown_cell, row) for row in cells]
    lines = [f"**{_markdown(table.title)}**", "", *(f"| {' | '.join(row)} |" for row in rows)]
    lines += [line for note in table.notes for line in ("", _markdown_paragraph(note))]
    return "\n".join(lines) + "\n"


def to_latex(table):
    """Return a table environment that needs the package booktabs."""
    wrapped = table.align.count("w")
    width = f"p{{{0.8 / max(wrapped, 2):.2f}\\linewidth}}"
    lines = [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        "\\centering\\small",
        f"\\caption{{{_latex(table.title)}}}",
        f"\\begin{{tabular}}{{{table.align.replace('w', width)}}}",
        "\\toprule",
    ]
    if table.groups:
        lines += _latex_groups(table.groups)
    lines.append(_latex_row(map(_latex, table.columns)))
    for title, rows in table.blocks:
        lines.append("\\midrule")
        if title:
            lines.append(f"\\multicolumn{{{len(table.columns)}}}{{l}}{{\\emph{{{_latex(title)}}}}} \\\\")
        lines += [_latex_row(map(_latex_cell, row)) for row in rows]
    lines += ["\\bottomrule", "\\end{tabular}"]
    if table.notes:
        notes = "\n\n".join(map(_latex, table.notes))
        lines.append(f"\n\\medskip\n\\parbox{{\\linewidth}}{{\\footnotesize\n{notes}}}")
    return "\n".join([*lines, "\\end{table}"]) + "\n"


def to_html(table):
    """Return a page without scripts or links to other files; no information is in colours alone."""
    title = html.escape(table.title)
    groups = "".join(
        f'<th colspan="{span}"{" class=g" if label else ""}>{html.escape(label)}</th>'
        for label, span in table.groups
    )
    head = (f"<tr>{groups}</tr>\n" if groups else "") + _html_row("th", table.columns, table.align)
    body = ""
    for name, rows in table.blocks:
        if name:
            name = f'<tr class=b><th colspan="{len(table.columns)}">{html.escape(name)}</th></tr>\n'
        rows = "".join(_html_row("td", row, table.align) + "\n" for row in rows)
        body += f"<tbody>\n{name or ''}{rows}</tbody>\n"
    notes = "".join(f"<p>{html.escape(note)}</p>\n" for note in table.notes)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{STYLE}</style></head>\n<body>\n<table>\n<caption>{title}</caption>\n"
        f"<thead>\n{head}\n</thead>\n{body}</table>\n{notes}</body>\n</html>\n"
    )


WRITERS = {".csv": to_csv, ".md": to_markdown, ".tex": to_latex, ".html": to_html}


def with_half_width(interval, digits=2, sign=False):
    """Return ``18.80 ± 0.22``, or ``18.80`` where a single value gives no interval."""
    if interval is None:
        return NOTHING
    mean = f"{interval.mean:{'+' if sign else ''}z,.{digits}f}".replace("-", "−")
    return mean if interval.half is None else f"{mean} ± {interval.half:,.{digits}f}"


def with_unit(seconds):
    """Return an interval of seconds in a unit that suits its mean, such as ``56.1 ± 4.0 µs``."""
    if seconds is None:
        return NOTHING
    unit, size = next((unit, size) for unit, size, smallest in UNITS if seconds.mean >= smallest)
    mean, half = (None if number is None else number / size for number in (seconds.mean, seconds.half))
    # Two digits of the half width, or three of the mean.
    leading = math.floor(math.log10(half or mean or 1.0))
    digits = min(max(1 - leading if half else 2 - leading, 0), 2)
    return f"{with_half_width(Interval(seconds.n, mean, None, half), digits)} {unit}"


def with_direction(difference):
    """Return a paired difference with its sign, and ↓ or ↑ where its interval does not contain 0."""
    text = with_half_width(difference, sign=True)
    if difference is None or difference.half is None:
        return text
    return text + (" ↓" if difference.high < 0 else " ↑" if difference.low > 0 else "")


def interval_record(interval):
    """Return the fields of an interval for a csv record, all None without an interval."""
    names = ("n", "mean", "sd", "half_width", "low", "high")
    return {name: getattr(interval, name.removesuffix("_width"), None) for name in names}


def _one_line(text):
    """Return `text` on one line: a line break ends a markdown row, an empty line breaks a LaTeX table."""
    return " ".join(filter(None, text.splitlines()))


def _markdown(text):
    return _one_line(text).translate(MARKDOWN)


def _markdown_paragraph(text):
    # At the start of a line these make a heading, a list or a quotation.
    return re.sub(r"^(\d*)([#>+=.)-])", r"\1\\\2", _markdown(text).strip())


def _markdown_code(text):
    # A longer run of backticks than any in the text encloses it.
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    padded = f" {text} " if "`" in text else text
    return f"{fence}{padded}{fence}".replace("|", "\\|")


def _markdown_cell(cell):
    if isinstance(cell, Code):
        return _markdown_code(_one_line(cell))
    return f"**{_markdown(cell)}**" if isinstance(cell, Bold) else _markdown(cell)


def _latex(text):
    return _one_line(text).translate(LATEX)


def _latex_cell(cell):
    if isinstance(cell, Code):
        pieces = [_latex(cell[i : i + 8]) for i in range(0, len(cell), 8)]
        return "\\texttt{" + "\\allowbreak ".join(pieces) + "}"
    return f"\\textbf{{{_latex(cell)}}}" if isinstance(cell, Bold) else _latex(cell)


def _latex_row(cells):
    return " & ".join(cells) + " \\\\"


def _latex_groups(groups):
    cells, rules, start = [], [], 1
    for label, span in groups:
        cells.append(f"\\multicolumn{{{span}}}{{c}}{{{_latex(label)}}}" if label else " & ".join([""] * span))
        if label:
            rules.append(f"\\cmidrule(lr){{{start}-{start + span - 1}}}")
        start += span
    return [_latex_row(cells), " ".join(rules)]


def _html_row(tag, cells, align):
    marks = {Code: "<code>{}</code>", Bold: "<strong>{}</strong>"}
    texts = (
        f"<{tag} class={'n' if letter == 'l' else letter}>"
        f"{marks.get(type(cell), '{}').format(html.escape(cell))}</{tag}>"
        for cell, letter in zip(cells, align, strict=True)
    )
    return f"<tr>{''.join(texts)}</tr>"
