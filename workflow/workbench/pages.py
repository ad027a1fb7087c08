"""The pages of published results in docs/results, made from the files in results/published alone.

``python -m workbench.pages`` makes all of them again, and the line of verdicts in README.md.
"""

import json
import os
import re
from pathlib import Path

from workbench import plugins
from workbench.errors import run
from workbench.report import summary
from workbench.result_files import replacing, write_text

BENCHMARK = "benchmark"
# The run whose verdicts README.md counts, and the line with their number.
FRONT = "paper"
VERDICTS = re.compile(r"(?<=<!-- verdicts -->\n).*(?=\n<!-- end -->)")
README = "README.md"
# The sections that the page of a run shows; it links the tables of the others.
SECTIONS = ("Summary", "Tables", "Figures", "Small networks", "Claims")
# A page shows tables of up to so many lines, and links longer ones.
MAX_LINES = 200
NOTE = "<!-- Made by `make publish` or `python -m workbench.pages`; edits are lost. -->"
BENCHMARK_TEXT = """\
This project's solvers and alternatives on the same problems, to the same accuracy, on one thread.
`make benchmark` measures them.

![Time of a fit by the number of tasks, features and rows]({files}/scaling.svg)
"""


def copy_files(files, folder):
    """Copy `files` to `folder`; return the set of their names."""
    for file in map(Path, files):
        with replacing(folder / file.name) as temporary:
            temporary.write_bytes(file.read_bytes())
    return {Path(file).name for file in files}


def write_page(folder, page):
    """Write the `page` of the published results in `folder`: a run, or the benchmark."""
    folder, page = Path(folder), Path(page)
    files = Path(os.path.relpath(folder, page.parent)).as_posix()
    parts = _benchmark(folder, files) if folder.name == BENCHMARK else _run(folder, files)
    write_text(page, "\n\n".join([NOTE, *(part.strip() for part in parts)]) + "\n")


def _benchmark(folder, files):
    table = (folder / "table.md").read_text(encoding="utf-8")
    return ["# Benchmark", BENCHMARK_TEXT.format(files=files), _with_heading(table)]


def _run(folder, files):
    """Return the parts of the page of a run: its main tables and figures, in the order of the report."""
    date = json.loads((folder / "run.json").read_text(encoding="utf-8"))["date"]
    parts = [f"# Results: {folder.name}"]
    paths = [folder / f"{name}.csv" for name in summary.VERDICTS]
    parts += [f"{summary.verdicts(path)}." for path in paths if path.is_file()]
    parts.append(f"`run.name: {folder.name}`, {date}, [settings]({files}/settings.json)")
    found = {(kind, name): plugins.load(kind, name) for kind, name in _published(folder)}
    for section in SECTIONS:
        shown = _in_order(found, section)
        parts += [f"## {section}"] if shown else []
        for kind, name in shown:
            spec = found[kind, name]
            parts += _table(folder, files, name) if kind == "tables" else _figure(files, name, spec.label)
    others = {
        spec.label: name
        for (kind, name), spec in found.items()
        if spec.section not in SECTIONS and kind == "tables"
    }
    links = [f"[{label}]({files}/{name}.csv)" for label, name in others.items()]
    return [*parts, "## Data, fits and ablations", "As csv: " + ", ".join(links) + "."]


def _in_order(found, section):
    """Return the (kind, name) pairs of a section in its order."""
    return sorted(
        (each for each in found if found[each].section == section), key=lambda each: (found[each].order, each)
    )


def _published(folder):
    """Yield (kind, name) of the published tables and figures; those of plug-ins have no place on the page."""
    for kind, suffix in (("tables", ".md"), ("figures", ".svg")):
        yield from ((kind, name) for name in plugins.find(kind) if (folder / f"{name}{suffix}").is_file())


def _table(folder, files, name):
    text = _with_heading((folder / f"{name}.md").read_text(encoding="utf-8"), "###")
    csv = f"[csv]({files}/{name}.csv)"
    count = sum(line.startswith("|") for line in text.splitlines())
    if count <= MAX_LINES:
        return [text, csv]
    return [text.partition("\n")[0], f"{count - 2} lines: {csv}"]


def _figure(files, name, label):
    caption = (plugins.ROOT / "report" / f"{name}.rst").read_text(encoding="utf-8")
    return [f"### {label}", f"![{label}]({files}/{name}.svg)", caption]


def _with_heading(table, mark="##"):
    """Return a markdown table whose title is a heading."""
    return re.sub(r"\A\*\*(.*)\*\*$", rf"{mark} \1", table, count=1, flags=re.MULTILINE)


def renew_verdicts(folder, page):
    """Renew the line of verdicts in `page`, README.md, if `folder` is that of the run that it shows."""
    folder, page = Path(folder), Path(page)
    if folder.name != FRONT or not page.is_file() or not (folder / "claims.csv").is_file():
        return
    line = f"{summary.verdicts(folder / 'claims.csv')}."
    write_text(page, VERDICTS.sub(lambda match: line, page.read_text(encoding="utf-8")))


def main():
    """Make all pages in the working directory again."""
    # Imported here because the plan imports much that the scripts of jobs do not need.
    from workbench.plan import PAGES, PUBLISHED

    for folder in sorted(Path(PUBLISHED).iterdir()):
        if folder.is_dir():
            write_page(folder, Path(PAGES, f"{folder.name}.md"))
            renew_verdicts(folder, README)
            print(f"{PAGES}/{folder.name}.md")


if __name__ == "__main__":
    run(main)
