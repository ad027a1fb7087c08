"""Tables in every format: nothing that a cell, title or note holds can break one."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest

from amtl.errors import InputError
from amtl.statistics import Interval
from workbench.report import render

AWKWARD = "a|b <i> 50% & _x_ $5_$10 \\ {y} #1 `c` [d]*"


def table_of(text, **changes):
    """Return a table that holds `text` in every place."""
    return render.Table(
        title=text,
        columns=["Name", text],
        align="lw",
        blocks=[(text, [[text, render.Bold(text)], [text, render.Code(text)]])],
        records=[{"name": text}],
        groups=[("", 1), (text, 1)],
        notes=[text, text],
        **changes,
    )


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.open, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def rows_of_markdown(text):
    return [line for line in text.splitlines() if line.startswith("|")]


def columns_of(line):
    return len(re.findall(r"(?<!\\)\|", line)) - 1


def test_minus_zero_is_shown_as_zero():
    for mean in (-0.001, 0.001, 0.0):
        assert render.with_half_width(Interval(2, mean), sign=True) == "+0.00"
    assert render.with_half_width(Interval(2, -0.006)) == "−0.01"


@pytest.mark.parametrize(
    ("mean", "half", "arrow"),
    [(-1.0, 0.9, " ↓"), (-1.0, 1.0, ""), (1.0, 1.0, ""), (1.0, 0.9, " ↑"), (-1.0, None, "")],
)
def test_an_arrow_needs_an_interval_without_zero(mean, half, arrow):
    shown = render.with_direction(Interval(5, mean, 1.0, half))
    assert shown == render.with_half_width(Interval(5, mean, 1.0, half), sign=True) + arrow
    assert render.with_direction(None) == render.NOTHING


def test_interval_record_names_its_fields():
    record = render.interval_record(Interval(5, 2.0, 3.0, 0.5))
    assert record == {"n": 5, "mean": 2.0, "sd": 3.0, "half_width": 0.5, "low": 1.5, "high": 2.5}


def test_markdown_escapes_titles_cells_and_notes():
    lines = render.to_markdown(table_of(AWKWARD)).splitlines()
    escaped = "a\\|b \\<i> 50% \\& \\_x\\_ \\$5\\_\\$10 \\\\ {y} #1 \\`c\\` \\[d]\\*"
    assert lines[0] == f"**{escaped}**"
    assert lines[-1] == lines[-3] == escaped
    rows = rows_of_markdown(render.to_markdown(table_of(AWKWARD)))
    assert {columns_of(row) for row in rows} == {2}
    assert f"| {escaped} | **{escaped}** |" in rows


@pytest.mark.parametrize("note", ["# one", "- one", "1. one", "> one", "+ one"])
def test_a_note_is_a_paragraph_whatever_it_begins_with(note):
    last = render.to_markdown(replaced_note(note)).splitlines()[-1]
    assert last.replace("\\", "") == note and last != note


def replaced_note(note):
    table = table_of("x")
    table.notes = [note]
    return table


@pytest.mark.parametrize("text", ["one\n\ntwo", "one\ntwo\n", "\n\none\r\n \r\ntwo", "one\u2028two"])
def test_line_breaks_break_no_format(text):
    table = table_of(text)
    rows = rows_of_markdown(render.to_markdown(table))
    # The heads, the marks below them, the block's title and two rows.
    assert len(rows) == 5 and {columns_of(row) for row in rows} == {2}
    latex = render.to_latex(table)
    body = latex[latex.index("\\begin{tabular}") : latex.index("\\end{tabular}")]
    assert "" not in [line.strip() for line in body.splitlines()]
    assert "\n" not in latex[latex.index("\\caption{") : latex.index("\\begin{tabular}")].strip()
    assert len([line for line in body.splitlines() if line.endswith("\\\\")]) == 5
    assert list(csv.DictReader(io.StringIO(render.to_csv(table), newline="")))[0]["name"] == text
    tags = Tags()
    tags.feed(render.to_html(table))
    assert not tags.open


def test_latex_escapes_and_keeps_its_columns():
    latex = render.to_latex(table_of(AWKWARD))
    escaped = "a$|$b $<$i$>$ 50\\% \\& \\_x\\_ \\$5\\_\\$10 \\textbackslash{} \\{y\\} \\#1 `c` {[}d]{*}"
    assert f"{escaped} & \\textbf{{{escaped}}} \\\\" in latex
    assert f"\\caption{{{escaped}}}" in latex
    assert latex.count("\\begin{") == latex.count("\\end{")
    assert all(rule in latex for rule in ("\\toprule", "\\midrule", "\\bottomrule", "\\cmidrule(lr){2-2}"))


def test_html_escapes_and_loads_nothing():
    page = render.to_html(table_of('</script><script>alert(1)</script> & "x" src=http://a'))
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags.seen}
    assert not any("src" in attributes or "href" in attributes for _, attributes in tags.seen)
    assert any("<script>alert(1)</script>" in text for text in tags.text)


def test_code_cells_keep_their_characters():
    assert "| ``` a``b\\|c ``` |" in render.to_markdown(replaced_code("a``b|c"))
    assert "| `a\\|b` |" in render.to_markdown(replaced_code("a|b"))
    assert "\\texttt{abcdefgh\\allowbreak i}" in render.to_latex(replaced_code("abcdefghi"))


def replaced_code(text):
    table = table_of("x")
    table.blocks = [(None, [["x", render.Code(text)]])]
    return table


def test_write_follows_the_suffix_and_repeats_its_bytes(tmp_path):
    paths = [tmp_path / folder / f"t{suffix}" for folder in "ab" for suffix in render.WRITERS]
    render.write(table_of("é ★"), paths)
    for suffix, writer in render.WRITERS.items():
        first = (tmp_path / "a" / f"t{suffix}").read_bytes()
        assert (
            first == writer(table_of("é ★")).encode("utf-8") == (tmp_path / "b" / f"t{suffix}").read_bytes()
        )


def test_an_unknown_format_names_the_file(tmp_path):
    with pytest.raises(InputError, match="t.docx"):
        render.write(table_of("x"), [tmp_path / "t.docx"])


def test_a_table_without_records_has_its_columns_in_csv():
    table = render.Table("t", ["A", "B"], "ll", [(None, [])], [])
    assert render.to_csv(table) == "A,B\n"


@pytest.mark.parametrize(
    ("mean", "half", "text"),
    [
        (5.59e-5, 4.1e-6, "55.9 ± 4.1 µs"),
        (1.2e-7, None, "0.12 µs"),
        (0.000999, None, "999 µs"),
        (0.42, 0.075, "420 ± 75 ms"),
        (1.123, 0.31, "1.12 ± 0.31 s"),
        (119.0, 1.0, "119.0 ± 1.0 s"),
        (150.0, 33.0, "2.50 ± 0.55 min"),
        (7200.0, None, "2.00 h"),
        (0.0, 0.0, "0.00 ± 0.00 µs"),
    ],
)
def test_times_have_the_unit_of_their_size(mean, half, text):
    assert render.with_unit(Interval(5, mean, None, half)) == text
