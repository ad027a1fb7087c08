"""The tables of the benchmark: every contender of every case, and the goals."""

from amtl.errors import InputError
from workbench.benchmark.goals import judged
from workbench.benchmark.summary import MAX_DIFFERENCE, row_of
from workbench.report.render import NOTHING, Bold, Table, to_csv, to_markdown
from workbench.result_files import write_text

COLUMNS = {
    "Setting": "l",
    "Contender": "l",
    "Solver tolerance": "r",
    "Time (s)": "r",
    "Warm-up (s)": "r",
    "Time ratio": "r",
    "Objective": "r",
    "Objective difference": "r",
    "Residual": "r",
    "Iterations": "r",
    "W-solves": "r",
    "Peak memory (MiB)": "r",
    "Note": "w",
}
COUNTS = ("iterations", "w_solves", "evaluations", "start_up_cpu")
OBJECTIVES_DIFFER = "objectives differ"
REACHED = {True: "yes", False: "no", None: "unknown"}


def write(records, paths):
    """Write the records of cases, in the table's order. paths : files that end in ``.csv`` or ``.md``."""
    measured, goals = measurements(records), goal_table(records)
    writers = {
        "csv": lambda: to_csv(measured),
        "md": lambda: f"{to_markdown(measured)}\n{to_markdown(goals)}",
    }
    for path in paths:
        suffix = str(path).rsplit(".", 1)[-1]
        if suffix not in writers:
            raise InputError(
                f"{path}: the table of the benchmark is written as .csv or .md; change the suffix"
            )
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
        title="Benchmark: ours and the alternatives on one core",
        columns=list(COLUMNS),
        align="".join(COLUMNS.values()),
        blocks=blocks,
        records=csv_rows,
        notes=_notes(records),
    )


def goal_table(records):
    """Return the table of the goals, each with the setting in which it is met least."""
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
            shown += " (stopped)"
        rows.append([goal.case, goal.text, shown, setting, _reached(reached)])
    return Table(
        title="Goals",
        columns=["Case", "Goal", "Measured", "Worst setting", "Reached"],
        align="lwrll",
        blocks=[(None, rows)],
        records=[],
        notes=[
            "The goals are for a machine with two ordinary cores. They are reported; no test asserts them."
        ],
    )


def _reached(reached):
    return Bold(REACHED[False]) if reached is False else REACHED[reached]


def _block_title(record):
    sizes = {_size(setting["shape"]) for setting in record["settings"] if setting["shape"]}
    size = f": {sizes.pop()}" if len(sizes) == 1 else ""
    data = f" ({', '.join(record['datasets'])})" if record["datasets"] else ""
    return f"{record['case']}, {record['title']}{data}{size}"


def _size(shape):
    rows = "shared rows" if shape["shared"] else "rows in total"
    return (
        f"{shape['tasks']:,} tasks, {shape['rows']:,} {rows}, {shape['features']:,} features, {shape['loss']}"
    )


def _cells(contender, row):
    counts = row["counts"]
    return [
        Bold(contender["name"]) if contender["ours"] else contender["name"],
        _level(contender["tolerance"]),
        _range(row, "seconds"),
        _short(row["warmup"]),
        _range(row, "ratio"),
        NOTHING if row["objective"] is None else f"{row['objective']:.6g}",
        _difference(row),
        NOTHING if row["residual"] is None else f"{row['residual']:.1e}",
        _count(counts.get("iterations")),
        _count(counts.get("w_solves")),
        _memory(row),
    ]


def _level(tolerance):
    """Return a tolerance, or a number of passes, which is at least one."""
    if tolerance < 1.0:
        return f"{tolerance:.0e}"
    return "1 pass" if tolerance == 1.0 else f"{tolerance:g} passes"


def _note(record, contender, row):
    parts = [contender["note"]] if contender["note"] else []
    if row["agrees"] is False:
        optimum = row["residual"] is not None and row["residual"] <= record["plan"]["tolerance"]
        another = optimum and not record["convex"]
        parts.append(f"{OBJECTIVES_DIFFER}: lower optimum" if another else OBJECTIVES_DIFFER)
    if "start_up_cpu" in row["counts"]:
        parts.append(f"{row['counts']['start_up_cpu']:.2f} CPU seconds outside the fit")
    if "pass_seconds" in row["counts"]:
        parts.append(f"{row['counts']['pass_seconds']:.2f} CPU seconds a pass")
    return "; ".join(parts)


def _difference(row):
    if row["difference"] is None:
        return NOTHING
    return Bold(f"{row['difference']:+.1e}") if row["agrees"] is False else f"{row['difference']:+.0e}"


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
    """Return a number with three digits; only numbers below 0.0001 have an exponent."""
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
        **{key: row["counts"].get(key, "") for key in COUNTS},
        "goal": "; ".join(goal.text for goal, _, _ in goals),
        "reached": "; ".join(REACHED[reached] for _, _, reached in goals),
    }


def _csv_not_run(record, dataset, why):
    return {"case": record["case"], "setting": dataset, "note": f"not run: {why}"}


def _notes(records):
    plan = records[0]["plan"]
    notes = [
        "Each contender runs in a process of its own with one thread. The contenders take turns: "
        f"{plan['warmups']} warm-up and {plan['repeats']} timed rounds. Times and ratios are the median "
        "[minimum, maximum] over the timed rounds. Time ratio: our time divided by the contender's time "
        "in the same round. Every run builds the problem from its arrays, and this time counts. Peak "
        "memory: that of the process; in parentheses, the part beyond its data and imports.",
        "One judge measures the objective and the residual of all results. Solver tolerance: the loosest "
        f"power of ten at which the residual is at most {plan['tolerance']:g}; contenders without a "
        "tolerance of their own get this number. A contender that stops after a number of passes has the "
        "smallest number at which the residual is small enough. Objective difference: our objective minus "
        f"the contender's, relative to it. Differences above {MAX_DIFFERENCE:g} are marked: "
        f"{OBJECTIVES_DIFFER}. The problems of AMTL and GO-MTL are not convex: from the same start, two "
        "solvers may reach different optima within the tolerance. Their times are then less comparable.",
        "W-solves: ours, one per iteration, each a solve of the linearized W-step; plain alternation, one "
        "per round, each a complete W-step.",
        f"Time limit of a run: {plan['time_limit']:g} s. A run that reaches it is stopped. Its time ratio "
        "is then an upper bound, and its counts are lower bounds.",
    ]
    versions = {item for record in records for item in record["versions"].items()}
    notes.append("Versions: " + ", ".join(f"{name} {version}" for name, version in sorted(versions)) + ".")
    return notes
