"""Tasks, features and rows of each dataset, counted in the split files."""

import numpy as np

from amtl.splits import PARTS, count_repeated
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table
from workbench.split_files import load_split


def build(run, inputs):
    """Return the table. inputs : ``splits``, all splits of all datasets."""
    splits = {}
    for path, digest in inputs["splits"]:
        split = load_split(path, digest)
        splits.setdefault(split.dataset, []).append(_facts(split))
    rows, records, notes = [], [], []
    for dataset in run.datasets:
        facts = splits[dataset.name]
        first = facts[0]
        counts = [_range([n for each in facts for n in each[part]]) for part in PARTS]
        rows.append(
            [
                dataset.title,
                first["kind"],
                str(first["tasks"]),
                _range([each["features"] for each in facts]),
                *counts,
                str(len(facts)),
                _text(facts),
            ]
        )
        totals = {f"rows_{part}": _range([each[f"{part}_total"] for each in facts]) for part in PARTS}
        per_task = {f"rows_{part}_per_task": count for part, count in zip(PARTS, counts, strict=True)}
        again = {
            f"rows_{part}_repeated": _range([each[f"{part}_repeated"] for each in facts])
            for part in PARTS[1:]
        }
        plain = {key: first[key] for key in ("kind", "tasks", "features", "source", "note")}
        records.append(
            {"dataset": dataset.name, "splits": len(facts), **plain, **totals, **per_task, **again}
        )
        if any(each["test_repeated"] for each in facts):
            shares = [100 * each["test_repeated"] / each["test_total"] for each in facts]
            notes.append(
                f"{dataset.title}: {again['rows_test_repeated']} test rows of a split (up to "
                f"{max(shares):.1f} %) have the same features and target as a training or validation "
                "row. The source itself holds such duplicates; no row of it is drawn twice."
            )
    return Table(
        title="Datasets",
        columns=[
            "Dataset",
            "Kind",
            "Tasks",
            "Features",
            "Train",
            "Validation",
            "Test",
            "Splits",
            "Source",
        ],
        align="llrrrrrrw",
        blocks=[(None, rows)],
        groups=[("", 4), ("Rows of a task", 3), ("", 2)],
        notes=[
            "Features include the constant column. Rows of a task: the smallest and the largest number over "
            "tasks and splits; one-vs-rest tasks share their rows.",
            *notes,
        ],
        records=records,
    )


def _facts(split):
    facts = {
        "kind": split.kind,
        "tasks": len(split.tasks),
        "features": split.train.X.shape[1],
        "source": split.meta.get("source", ""),
        "note": split.meta.get("note", ""),
    }
    facts |= {f"{part}_repeated": count for part, count in count_repeated(split).items()}
    for name in PARTS:
        part = getattr(split, name)
        facts[name] = [len(part.y)] if part.offsets is None else np.diff(part.offsets).tolist()
        facts[f"{name}_total"] = len(part.y)
    return facts


def _text(facts):
    """Return source and note of the first split, marked if other splits have others."""
    texts = [". ".join(filter(None, (each["source"], each["note"]))) for each in facts]
    return texts[0] + (" (split 1)" if len(set(texts)) > 1 else "") or NOTHING


def _range(numbers):
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


SPEC = OutputSpec(
    label="Data",
    section="Data",
    order=10,
    make=build,
    splits=lambda run: {each.name: list(range(1, each.splits + 1)) for each in run.datasets},
)
