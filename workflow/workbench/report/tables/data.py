"""Tasks, features and rows of each dataset, counted in the split files."""

import numpy as np

from amtl.splits import PARTS, count_repeated
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table
from workbench.report.tables._rows import all_splits


def build(run, inputs):
    """Return the table. inputs : ``splits``, all splits of all datasets."""
    splits = {}
    for split in inputs.load_splits():
        splits.setdefault(split.dataset, []).append(_facts(split))
    rows, records, notes = [], [], []
    for dataset in run.datasets:
        facts = splits[dataset.name]
        first = facts[0]
        ranges = {
            key: _range([n for each in facts for n in each[key]]) for key in first if key.startswith("rows")
        }
        rows.append(
            [
                dataset.title,
                first["kind"],
                str(first["tasks"]),
                _range([each["features"] for each in facts]),
                *(ranges[f"rows_{part}_per_task"] for part in PARTS),
                str(len(facts)),
                _text(facts),
            ]
        )
        plain = {key: value for key, value in first.items() if key not in ranges}
        records.append({"dataset": dataset.name, "splits": len(facts), **plain, **ranges})
        if any(each["rows_test_repeated"] != [0] for each in facts):
            shares = [100 * each["rows_test_repeated"][0] / each["rows_test"][0] for each in facts]
            notes.append(
                f"{dataset.title}: {ranges['rows_test_repeated']} test rows of a split (up to "
                f"{max(shares):.1f} %) have the same features and target as a training or validation "
                "row. The source itself holds such duplicates; no row of it is drawn twice."
            )
    return Table(
        title="Datasets",
        columns="Dataset Kind Tasks Features Train Validation Test Splits Source".split(),
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
    """Return what the table shows of a split; counts of rows are lists."""
    parts = {name: getattr(split, name) for name in PARTS}
    repeated = count_repeated(split)
    return {
        "kind": split.kind,
        "tasks": len(split.tasks),
        "features": split.train.X.shape[1],
        "source": split.meta.get("source", ""),
        "note": split.meta.get("note", ""),
        **{f"rows_{name}": [len(part.y)] for name, part in parts.items()},
        **{
            f"rows_{name}_per_task": [len(part.y)] if part.offsets is None else np.diff(part.offsets).tolist()
            for name, part in parts.items()
        },
        **{f"rows_{name}_repeated": [repeated[name]] for name in PARTS[1:]},
    }


def _text(facts):
    """Return source and note of the first split, marked if other splits have others."""
    texts = [". ".join(filter(None, (each["source"], each["note"]))) for each in facts]
    return texts[0] + (" (split 1)" if len(set(texts)) > 1 else "") or NOTHING


def _range(numbers):
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


SPEC = OutputSpec("Data", "Data", 10, build, splits=all_splits)
