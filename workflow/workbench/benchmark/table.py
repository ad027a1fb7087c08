"""The table of the benchmark: every contender of every case, and the goals."""

from amtl.errors import InputError
from workbench.benchmark.goals import judged
from workbench.benchmark.summary import AGREEMENT, row_of
from workbench.report.render import NOTHING, Bold, Table, to_csv, to_markdown
from workbench.result_files import write_text

COLUMNS = {
    "Setting": "l",
    "Contender": "l",
    "Its tolerance": "r",
    "Seconds": "r",
    "Warm-up, s": "r",
    "Ours / it": "r",
    "Objective": "r",
    "Residual": "r",
    "Iterations": "r",
    "W-solves": "r",
    "Peak MiB": "r",
    "Note": "w",
}
COUNTS = ("iterations", "w_solves", "evaluations", "start_up_cpu")
DIFFER = "objectives differ"
YES = {True: "yes", False: "no", None: "not known"}


def write(records, paths):
    """Write the records of cases, in the table's order, as csv or markdown by the suffix of each path."""
    measured, goals = measurements(records), goal_table(records)
    writers = {
        "csv": lambda: to_csv(measured),
        "md": lambda: f"{to_markdown(measured)}\n{to_markdown(goals)}",
    }
    for path in paths:
        suffix = str(path).rsplit(".", 1)[-1]
        if suffix not in writers:
            raise InputError(f"{path}: the table of the benchmark is written as .csv or .md")
        write_text(path, writers[suffix]())


def rows_of(setting):
    """Return {contender: row} of one setting, ours under ``ours``."""
    contenders = setting["contenders"]
    return {each["name"]: row_of(each, contenders[0]) for each in contenders}


def measurements(records):
    """Return the table with a row per contender."""
    blocks, csv_rows = [], []
    for record in records:
        rows = []
        for setting in record["settings"]:
            numbers = rows_of(setting)
            goals = judged(record["case"], setting["setting"], numbers)
            for contender in setting["contenders"]:
                row = numbers[contender["name"]]
                note = _note(record, contender, row)
                rows.append([setting["setting"], *_cells(contender, row), note])
                csv_rows.append(_csv_row(record, setting, contender, row, goals) | {"note": note})
        for dataset, why in record["not_run"].items():
            rows.append([dataset, *[NOTHING] * (len(COLUMNS) - 2), f"not run: {why}"])
            csv_rows.append(_csv_not_run(record, dataset, why))
        blocks.append((_block_title(record), rows))
    return Table(
        title="Ours and the alternatives, in turn, on one core",
        columns=list(COLUMNS),
        align="".join(COLUMNS.values()),
        blocks=blocks,
        records=csv_rows,
        notes=_notes(records),
    )


def goal_table(records):
    """Return the table of the goals, with the worst setting of each."""
    worst = {}
    for record in records:
        for setting in record["settings"]:
            for goal, value, reached in judged(record["case"], setting["setting"], rows_of(setting)):
                worst.setdefault(goal, []).append((setting["setting"], value, reached))
    rows = []
    for goal, found in worst.items():
        measured = [item for item in found if item[1] is not None]
        pick = min if goal.at_least else max
        setting, value, reached = pick(measured, key=lambda item: item[1]) if measured else found[0]
        shown = NOTHING if value is None else f"{_short(value)} {goal.unit}".strip()
        if reached is None and value is not None:
            shown += ", then stopped"
        rows.append([goal.case, goal.text, shown, setting, _yes(reached)])
    return Table(
        title="Goals",
        columns=["Case", "Goal", "Measured", "Worst setting", "Reached"],
        align="lwrll",
        blocks=[(None, rows)],
        records=[],
        notes=["The seconds are goals for a machine of this kind: reported, and asserted by no test."],
    )


def _yes(reached):
    return Bold("no") if reached is False else YES[reached]


def _block_title(record):
    sizes = {_size(setting["shape"]) for setting in record["settings"] if setting["shape"]}
    size = f": {sizes.pop()}" if len(sizes) == 1 else ""
    data = f" ({', '.join(record['datasets'])})" if record["datasets"] else ""
    return f"{record['case']}, {record['title']}{data}{size}"


def _size(shape):
    rows = "shared rows" if shape["shared"] else "rows in all"
    return (
        f"{shape['tasks']:,} tasks, {shape['rows']:,} {rows}, {shape['features']:,} features, {shape['loss']}"
    )


def _cells(contender, row):
    counts = row["counts"]
    return [
        Bold(contender["name"]) if contender["ours"] else contender["name"],
        f"{contender['tolerance']:.0e}",
        _range(row, "seconds"),
        _short(row["warmup"]),
        _range(row, "ratio"),
        _objective(row),
        NOTHING if row["residual"] is None else f"{row['residual']:.1e}",
        _count(counts.get("iterations")),
        _count(counts.get("w_solves")),
        _memory(row),
    ]


def _note(record, contender, row):
    parts = [contender["note"]] if contender["note"] else []
    if row["agrees"] is False:
        optimum = row["residual"] is not None and row["residual"] <= record["plan"]["tolerance"]
        another = optimum and not record["convex"]
        parts.append(f"{DIFFER}: it ended at another optimum, a lower one" if another else DIFFER)
    if "start_up_cpu" in row["counts"]:
        parts.append(f"{row['counts']['start_up_cpu']:.2f} processor seconds beside the fit")
    return "; ".join(parts)


def _objective(row):
    if row["difference"] is None:
        return NOTHING if row["objective"] is None else f"{row['objective']:.6g}"
    if row["agrees"] is False:
        return Bold(f"ours {row['difference']:+.1e}")
    return f"ours {row['difference']:+.0e}"


def _memory(row):
    if row["peak_mib"] is None:
        return NOTHING
    added = "" if row["added_mib"] is None else f" (+{row['added_mib']:.0f})"
    return f"{row['peak_mib']:.0f}{added}"


def _range(row, key):
    if row[key] is None:
        return NOTHING
    text = _short(row[key])
    if row["rounds"] > 1:
        text += f" [{_short(row[f'{key}_min'])}, {_short(row[f'{key}_max'])}]"
    return text


def _short(value):
    """Return three digits, without an exponent."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}" if value >= 1e-4 else f"{value:.1e}"


def _count(value):
    return NOTHING if value is None else f"{value:,}"


def _csv_row(record, setting, contender, row, goals):
    numbers = {key: row[key] for key in row if key not in ("counts", "agrees", "stopped")}
    goals = goals if contender["ours"] else []
    return {
        "case": record["case"],
        "setting": setting["setting"],
        "contender": contender["name"],
        "tolerance": contender["tolerance"],
        **{key: "" if value is None else value for key, value in numbers.items()},
        **{
            key: row["counts"].get(key, "")
            for key in ("iterations", "w_solves", "evaluations", "start_up_cpu")
        },
        "goal": "; ".join(goal.text for goal, _, _ in goals),
        "reached": "; ".join(YES[reached] for _, _, reached in goals),
    }


def _csv_not_run(record, dataset, why):
    return {"case": record["case"], "setting": dataset, "note": f"not run: {why}"}


def _notes(records):
    plan = records[0]["plan"]
    notes = [
        "Every contender runs in a process of its own with one thread, in turn; rounds to warm up: "
        f"{plan['warmups']}, timed: {plan['repeats']}. Seconds and ratios: median [least, most] over the "
        "timed rounds; a ratio is taken within a round. Our problem is built anew in every run, inside the "
        "time, as the alternatives start from the arrays too. Peak MiB: the most that the process held, and "
        "what of it came on top of its data and imports.",
        "All are judged by our measure on what they return. Its tolerance: the loosest power of ten at which "
        f"a contender's residual is at most {plan['tolerance']:g}; where it has none of its own, ours. "
        "Objective: how far ours is above the alternative's, relative; below zero ours is lower. Further "
        f"above than {AGREEMENT:g} is marked: {DIFFER}. AMTL's and GO-MTL's problems are not convex: from "
        "the same start two solvers may end at different optima, each to the residual asked, and there "
        "the seconds compare less well.",
        "W-solves: of ours, the iterations, each with one solve of the linearized W-step; of the plain "
        "alternation, the rounds, each a W-step to its end.",
        f"A run may take {plan['time_limit']:g} s. One that was stopped counts with the seconds it took, so "
        "its ratio is an upper bound, and its counts are lower bounds.",
    ]
    versions = {item for record in records for item in record["versions"].items()}
    notes.append("Versions: " + ", ".join(f"{name} {version}" for name, version in sorted(versions)) + ".")
    return notes
