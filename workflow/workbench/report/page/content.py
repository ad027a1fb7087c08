"""The content of the page: its sections, in the order in which a reader needs them."""

import html
import re
from pathlib import Path
from urllib.parse import quote

from amtl.errors import InputError
from workbench.report.page import graphs, verdicts

# Sections that come first, in this order; the others follow as the plan has them.
SUMMARY, CLAIMS, TABLES, GRAPHS = "Summary", "Claims", "Tables", "Learned graphs"
FIRST = (SUMMARY, CLAIMS, TABLES, "Figures", GRAPHS)
# Characters that stand for themselves in the address of a text, and in HTML.
PLAIN = " !$()*+,-./:;=?@[]^_{|}~"
# With more datasets the summary shows the table that has one row for each.
MANY_DATASETS, ONE_ROW_EACH = 3, "tables-best-methods"


def build(job, files, fits, scores):
    """Return the variables of the templates.

    job : the `ReportJob`. files : function (kind, name, suffix) -> checked path of a file of an output.
    fits : a `FitReader`. scores : path of the scores.
    """
    from markupsafe import Markup

    # The section of claims shows these tables in its own way.
    *shown_as_claims, about = verdicts.tables([each["name"] for each in job.outputs])
    outputs = [_output(each, files) for each in job.outputs if each["name"] not in shown_as_claims]
    claims, claims_facts = (), {}
    if about is None:
        _move_result(outputs, len(job.run.datasets))
    else:
        paths = [files("tables", name, "csv") for name in shown_as_claims]
        claims = verdicts.read(*paths)
        _, notes = _table(files("tables", shown_as_claims[0], "html"))
        claims_facts = {"claims_files": [_download(path) for path in paths], "claims_notes": notes}
        claims_facts["claims_about"] = about
    explorer = graphs.collect(job.run, fits, scores)
    run = job.run
    return {
        "title": f"Multi-task learning: the {job.name} run"
        if job.name
        else "Multi-task learning: report of a run",
        "lead": _lead(run),
        "about": Markup(to_html(job.about)),
        "sections": _sections(outputs, bool(claims), explorer is not None),
        "claims": claims,
        **claims_facts,
        "counts": verdicts.count(claims),
        "not_run": run.not_run,
        "graphs": explorer,
    }


def _move_result(outputs, datasets):
    """Move the first table into the summary: it is the result where there are no verdicts.

    With many datasets it would be long, and the table with a row for each dataset is moved.
    """
    tables = [each for each in outputs if each["section"] == TABLES and "table" in each]
    short = [each for each in tables if each["id"] == ONE_ROW_EACH] if datasets > MANY_DATASETS else []
    for each in (short or tables)[:1]:
        each["section"] = SUMMARY


def _lead(run):
    methods, controls = run.methods_that(control=False), run.methods_that(control=True)
    splits = max(each.splits for each in run.datasets)
    parts = [
        _plural(len(run.datasets), "dataset"),
        _plural(len(methods), "method"),
        *([_plural(len(controls), "control")] if controls else []),
        f"up to {_plural(splits, 'split')} of each dataset",
    ]
    return f"{', '.join(parts)}. A number with ± is a mean over splits with the half width of its interval."


def _plural(count, noun):
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _sections(outputs, has_claims, has_graphs):
    """Return the sections that hold something, as dicts: ``id``, ``title``, ``kind`` and ``outputs``."""
    titles = dict.fromkeys([*FIRST, *(each["section"] for each in outputs)])
    found = []
    for title in titles:
        own = [each for each in outputs if each["section"] == title]
        special = {SUMMARY: True, CLAIMS: has_claims, GRAPHS: has_graphs}.get(title, False)
        if own or special:
            kind = {SUMMARY: "summary", CLAIMS: "claims", GRAPHS: "graphs"}.get(title) if special else None
            found.append({"id": slug(title), "title": title, "kind": kind, "outputs": own})
    return found


def _output(each, files):
    """Return what the template shows of one table or figure."""
    from markupsafe import Markup

    kind, name = each["kind"], each["name"]
    facts = {"id": f"{kind}-{slug(name)}", "label": each["label"], "section": each["section"]}
    facts |= {"heading": each["label"], "caption": Markup(to_html(each["caption"]))}
    if kind == "figures":
        picture = files(kind, name, "svg").read_bytes()
        width, height = _size(picture)
        # A line's indentation and its end mean no more than a space in these pictures.
        address = data_address("image/svg+xml", re.sub(rb"\s*\n\s*", b" ", picture))
        return {**facts, "picture": address, "width": width, "height": height, "files": []}
    table, notes = _table(files(kind, name, "html"))
    return {**facts, "table": table, "notes": notes, "files": [_download(files(kind, name, "csv"))]}


def _table(path):
    """Return (table, notes) of a page that `workbench.report.render` wrote; it has escaped all texts."""
    from markupsafe import Markup

    body = re.search(r"<body>\n(.*)</body>", path.read_text(encoding="utf-8"), re.DOTALL)[1]
    table, end, notes = body.partition("</table>\n")
    return Markup(table + end), Markup(notes)


def _size(svg):
    """Return the width and height of a picture in pixels of the page."""
    found = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    # 72 points are 96 pixels.
    return [round(float(each) * 96 / 72) for each in found.groups()]


def _download(path):
    return {"name": Path(path).name, "address": data_address("text/csv;charset=utf-8", path.read_bytes())}


def data_address(kind, content):
    """Return the address that holds a text of the MIME type `kind`; it is shorter than one in base64."""
    return f"data:{kind},{quote(content, safe=PLAIN)}"


def slug(text):
    """Return a text as part of an anchor."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def to_html(text):
    """Return a caption (reStructuredText) as HTML; it can include no file and no HTML of its own."""
    from docutils.core import publish_parts
    from docutils.utils import SystemMessage

    settings = {"raw_enabled": False, "file_insertion_enabled": False, "_disable_config": True}
    settings |= {"report_level": 2, "halt_level": 2, "warning_stream": False, "initial_header_level": 4}
    try:
        return publish_parts(text, writer="html5", settings_overrides=settings)["body"]
    except SystemMessage as error:
        raise InputError(f"a caption is not valid reStructuredText: {html.unescape(str(error))}") from None
