"""This run's main tables and verdicts compared with those of a published run: like with like.

Two rows are comparable if everything but the code that made them is the same: dataset, raw files, options,
seed, splits and grid settings. Rounding is no difference.
"""

import csv
import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from amtl.errors import InputError
from workbench.papers.lee2016.numbers import is_about_paper, table_datasets
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table
from workbench.report.tables.claims import PAPER_SPLITS, TIMES
from workbench.scores import read_csv

# Half a unit of the last digit in the tables, and the accuracy of large numbers.
ROUNDING, RELATIVE = 0.005, 1e-5
# Table -> (the columns that name a row, the columns to compare).
COMPARED = {
    "table1": (("dataset", "method"), ("mean", "half_width", "n")),
    "table2": (("dataset", "method"), ("mean", "half_width", "n")),
    "claims": (("claim", "splits"), ("verdict", "effect_mean", "low", "high", "n")),
}
QUANTITIES = {"half_width": "half width", "effect_mean": "effect", "low": "low end", "high": "high end"}
# The keys of `run` that all fits depend on.
SETTINGS = ("seed", "grid_points", "tolerance")
OTHER_RESULTS = "claims about results that only one of the two runs has"
MAX_REASONS = 3


@dataclass
class _Run:
    """A run as far as it is compared. settings : its complete configuration. files : {name: path}."""

    name: str
    settings: dict
    files: dict

    @cached_property
    def rows(self):
        """{(table, *names of the row): {column: text}} of the tables to compare."""
        return {
            (table, *(row[name] for name in names)): row
            for table, (names, columns) in COMPARED.items()
            for row in self._read(table, (*names, *columns))
        }

    @cached_property
    def raw_files(self):
        """{dataset: {raw file: sha256}}."""
        found = {}
        for row in self._read("sources", ("dataset", "name", "sha256")):
            found.setdefault(row["dataset"], {})[row["name"]] = row["sha256"]
        return found

    @cached_property
    def counts(self):
        """{(dataset, method): number of splits}."""
        return {key[1:]: int(row["n"]) for key, row in self.rows.items() if key[0] != "claims"}

    def _read(self, table, columns):
        path = self.files.get(f"{table}.csv")
        try:
            return (
                [] if path is None else [_required(row, columns) for row in read_csv(path).to_dict("records")]
            )
        except (OSError, ValueError, KeyError, csv.Error) as error:
            raise InputError(f"{path}: not a table of results ({error}); make it again") from None


def build(run, inputs):
    """Return the table; its first note is a summary.

    inputs : ``tables``, this run's tables of `COMPARED` and its raw files; ``settings`` of this run;
    ``published``, the files of all published runs, if any.
    """
    settings, paths = inputs["settings"], map(Path, inputs["tables"].values())
    ours = _Run(settings["run"]["name"], settings, {path.name: path for path in paths})
    found = [(theirs, _records(ours, theirs)) for theirs in _published_runs(inputs.get("published", []))]
    theirs, records = max(found, key=lambda pair: _rank(ours, *pair), default=(None, []))
    unlike = Counter(record["reason"] for record in records if record["status"] == "not comparable")
    differing = [_row(run, record) for record in records if record["status"] == "differs"]
    blocks = [("Differ beyond rounding", differing)] if differing else []
    if unlike:
        rows = [[NOTHING, f"{n} rows", reason, NOTHING, NOTHING] for reason, n in unlike.most_common()]
        blocks.append(("Not comparable", rows))
    return Table(
        title="Difference from the published results",
        columns=["Table", "Row", "Quantity", "Published", "This run"],
        align="llwrr",
        blocks=blocks or [(None, [])],
        notes=[
            _summary(theirs, records, unlike),
            "Compared: means, half widths and numbers of splits of Tables 1 and 2, and verdicts and effects "
            "of the claims, but for the ratio of times. Two rows are comparable if datasets, raw files, "
            "options, seed, splits and grid settings are the same; the code may differ. Beyond rounding: the "
            f"numbers are more than {ROUNDING:g} apart, half a unit of the last digit in the tables.",
        ],
        records=[record for record in records if record["status"] != "same"],
    )


def _published_runs(paths):
    """Return the published runs among `paths`, one for each folder."""
    folders = {}
    for path in sorted(map(Path, paths)):
        folders.setdefault(path.parent, {})[path.name] = path
    return [
        _Run(folder.name, _read_json(files["settings.json"], "run", "datasets", "methods", "report"), files)
        for folder, files in folders.items()
    ]


def _rank(ours, theirs, records):
    """Return the sort key of published runs: the run of the same name first, then the one with most rows."""
    comparable = sum(record["status"] != "not comparable" for record in records)
    return comparable > 0 and theirs.name == ours.name, comparable


def _records(ours, theirs):
    """Return a record for each comparison of a row of this run with that of a published one."""
    records = []
    for key in (*ours.rows, *(key for key in theirs.rows if key not in ours.rows)):
        pair = theirs.rows.get(key, {}), ours.rows.get(key, {})
        if key[0] == "claims" and not any(_reads(row) for row in pair):
            continue  # The claim is about nothing that either of the two has.
        reason = _obstacle(ours, theirs, key, pair)
        quantities = [] if reason else [q for q in _quantities(ours, theirs, key, pair) if _differ(q, *pair)]
        if reason and not pair[1]:
            continue  # This run does not say anything about it.
        status = "not comparable" if reason else "differs" if quantities else "same"
        records += [_record(status, key, reason, quantity, *pair) for quantity in quantities or [""]]
    return records


def _obstacle(ours, theirs, key, pair):
    """Return why a row cannot be compared, or an empty text. pair : the published row and ours."""
    table, row, of = key
    if table != "claims":
        return _obstacle_of_fits(ours, theirs, row, of)
    places, limit = [_reads(each) for each in pair], None if of == "all" else PAPER_SPLITS
    if places[0] != places[1]:
        return OTHER_RESULTS
    return next(filter(None, (_obstacle_of_fits(ours, theirs, *place, limit) for place in places[1])), "")


def _reads(row):
    """Return the (dataset, method) pairs that a claim was judged on."""
    return [tuple(place.split("/")) for place in row.get("reads", "").split()]


def _obstacle_of_fits(ours, theirs, dataset, method, limit=None):
    """Return why the fits of a method on a dataset are not the same problem in two runs, or an empty text.

    limit : the number of splits that count, or None for all.
    """
    mine, other = ours.settings, theirs.settings
    for key in SETTINGS:
        if mine["run"][key] != other["run"].get(key):
            return f"other run.{key}"
    for section, name in (("datasets", dataset), ("methods", method)):
        entry, published = mine[section].get(name), other[section].get(name)
        if entry is None or published is None:
            title = (entry or published or {}).get("title", name)
            return f"{title} is not in {'this run' if entry is None else 'the published run'}"
        a, b = (_facts(each, section, run) for each, run in ((entry, mine), (published, other)))
        changed = [key for key in {**a, **b} if a.get(key) != b.get(key)]
        if changed:
            found = "from another source" if changed[0] == "source" else f"with other {changed[0]}"
            return f"{entry['title']} {found}"
    title = mine["datasets"][dataset]["title"]
    if ours.raw_files.get(dataset) != theirs.raw_files.get(dataset):
        return f"{title} from other raw files"
    counts = [each.counts.get((dataset, method)) for each in (ours, theirs)]
    if None in counts:
        # Both runs have the dataset and the method, so a row that is missing is a difference.
        return ""
    counts = [min(n, limit or n) for n in counts]
    return "" if counts[0] == counts[1] else f"{title} with {counts[0]} splits instead of {counts[1]}"


def _facts(entry, section, settings):
    """Return what the results of an entry depend on, but for the code."""
    if section == "datasets":
        return {**entry["options"], "loss": entry["loss"], "dataset": entry["dataset"]}
    most = entry.get("max_iterations") or settings["run"]["max_iterations"]
    return {**entry["options"], "max_iterations": most, "method": entry["method"]}


def _quantities(ours, theirs, key, pair):
    """Return the columns to compare. Measured times differ from run to run, so their ratio is left out."""
    columns = COMPARED[key[0]][1]
    if pair[1].get("unit") == TIMES:
        return [each for each in columns if each in ("verdict", "n")]
    same_interval = ours.settings["report"]["interval"] == theirs.settings["report"]["interval"]
    return [each for each in columns if same_interval or each != "half_width"]


def _differ(quantity, published, ours):
    published, ours = published.get(quantity, ""), ours.get(quantity, "")
    if published == ours:
        return False
    try:
        a, b = float(published), float(ours)
    except ValueError:
        return True
    return abs(a - b) > max(ROUNDING, RELATIVE * abs(a))


def _record(status, key, reason, quantity, published, ours):
    """Return a record; of a row that is not compared, it holds the main quantity."""
    table, row, of = key
    column = quantity or COMPARED[table][1][0]
    names = {"status": status, "table": table, "row": row, "of": of, "quantity": quantity, "reason": reason}
    values = {"published": published.get(column, ""), "this_run": ours.get(column, "")}
    return {**names, **values}


def _summary(theirs, records, unlike):
    if theirs is None:
        return "Nothing is published in results/published, so there is nothing to compare with."
    rows = {(r["table"], r["row"], r["of"]): r["status"] for r in records}
    counts = Counter(rows.values())
    comparable = counts["same"] + counts["differs"]
    text = f"Compared with the published {theirs.name} run{_date(theirs)}: "
    text += (
        f"{counts['same']} of {comparable} comparable rows identical" if comparable else "no comparable row"
    )
    if counts["differs"]:
        verdicts = sum(record["quantity"] == "verdict" for record in records)
        text += f", differing beyond rounding: {counts['differs']} ({verdicts} in the verdict on a claim)"
    if unlike:
        most = unlike.most_common(MAX_REASONS)
        reasons = [f"{reason} ({n})" if len(unlike) > 1 else reason for reason, n in most]
        more = ["..."] if len(unlike) > MAX_REASONS else []
        text += f"; {unlike.total()} rows not comparable: {', '.join(reasons + more)}"
    return text


def _date(theirs):
    path = theirs.files.get("run.json")
    return "" if path is None else f" of {_read_json(path, 'date')['date']}"


def _read_json(path, *keys):
    try:
        return _required(json.loads(path.read_text(encoding="utf-8")), keys)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a record of a run ({error}); publish again") from None


def _required(found, keys):
    """Return the mapping `found`; raise KeyError if one of `keys` is missing."""
    for key in keys:
        found[key]
    return found


def _row(run, record):
    table, row, of = (record[name] for name in ("table", "row", "of"))
    if table == "claims":
        title, name = "Claims", f"{row}, {of} splits"
    else:
        title, name = f"Table {table[-1]}", f"{run.title(of)} on {run.title(row)}"
    cells = (_text(record[side]) for side in ("published", "this_run"))
    return [title, name, QUANTITIES.get(record["quantity"], record["quantity"]), *cells]


def _text(value):
    try:
        return f"{float(value):.4g}".replace("-", "−")
    except ValueError:
        return value or NOTHING


def _tables(run):
    return (*(name for name in COMPARED if name == "claims" or table_datasets(name, run)), "sources")


SPEC = OutputSpec(
    "Difference", "Tables", 60, build, applies=is_about_paper, tables=_tables, reads_published=True
)
