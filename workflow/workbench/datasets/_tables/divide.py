"""The rows of each part: at random within each task, by group, by time, or as a column says."""

from pathlib import Path

import numpy as np

from amtl.errors import InputError, nearest
from amtl.random import generator
from amtl.splits import PARTS
from workbench.datasets._tables import columns as cols
from workbench.datasets._tables.roles import hint

RULES = ("group", "time", "column")
# How a column may name the parts.
PART_NAMES = {"train": "train", "training": "train", "validation": "validation", "valid": "validation"}
PART_NAMES |= {"val": "validation", "dev": "validation", "test": "test", "testing": "test"}


def rule_of(options):
    """Return (rule, column) of the option split_by; the rule is ``fraction`` without a column."""
    given, file = options["split_by"], Path(options["table"] or "").name
    if given == "fraction":
        return "fraction", None
    if not isinstance(given, dict) or len(given) != 1:
        raise InputError(
            f"{file}: split_by: {given!r} is no rule; give fraction, or one of group, time and column "
            "with the name of a column, such as split_by: {group: clinic}"
        )
    ((rule, column),) = given.items()
    if rule not in RULES:
        raise InputError(f"{file}: split_by: unknown rule {rule!r}{nearest(rule, RULES)}")
    return rule, str(column)


def divide(roles, frame, options, index, seed):
    """Return {part: used rows (places in ``roles.rows``) in the order of their tasks}."""
    rule, name = rule_of(options)
    if name is not None and name not in frame:
        raise InputError(f"{roles.file}: split_by: no column {name!r}{hint(name, list(frame))}")
    own = np.argsort(roles.task, kind="stable")
    counts = np.bincount(roles.task, minlength=len(roles.tasks))
    tasks = dict(zip(roles.tasks, np.split(own, np.cumsum(counts)[:-1]), strict=True))

    def random(*names):
        return generator(seed, "table", "split", index, *names)

    if rule == "fraction":
        divided = {name: _by_fraction(random(name), roles, rows, options) for name, rows in tasks.items()}
    elif rule == "time":
        when = _times(roles, frame[name])
        divided = {each: _by_time(when, rows, options) for each, rows in tasks.items()}
    elif rule == "group":
        divided = _by_group(random, roles, frame[name], tasks, options)
    else:
        divided = _by_column(random, roles, frame[name], tasks, options)
    for task, parts in divided.items():
        empty = next((part for part in PARTS if len(parts[part]) == 0), None)
        if empty:
            raise InputError(
                f"{roles.file}: split {index}: task {task!r} has no row in the {empty} part when rows are "
                f"divided by {rule}{f' of {name!r}' if name else ''}; leave the task out of the table, raise "
                "min_rows, or divide by fraction"
            )
    return {part: np.concatenate([parts[part] for parts in divided.values()]) for part in PARTS}


def sizes_of(count, options):
    """Return how many of `count` rows, three or more, are for test and for validation; each part has one."""
    test = min(max(round(options["test_fraction"] * count), 1), count - 2)
    rest = count - test
    return test, min(max(round(options["validation_fraction"] * rest), 1), rest - 1)


def _by_fraction(random, roles, rows, options):
    """Draw the parts of one task; of two classes each part has its share."""
    sizes = dict(zip(("test", "validation"), sizes_of(len(rows), options), strict=True))
    rows = random.permutation(rows)
    if roles.kind == "binary":
        strata = [rows[roles.y[rows] == label] for label in (0.0, 1.0)]
    else:
        strata = [rows]
    parts = {}
    for part, size in sizes.items():
        shares = _shares([len(each) for each in strata], size)
        parts[part] = np.concatenate([each[:k] for each, k in zip(strata, shares, strict=True)])
        strata = [each[k:] for each, k in zip(strata, shares, strict=True)]
    return {**parts, "train": np.concatenate(strata)}


def _shares(counts, size):
    """Return how many of `size` draws each stratum gets, by the largest remainder."""
    exact = np.array(counts) * size / sum(counts)
    shares = np.floor(exact).astype(int)
    for k in np.argsort(-(exact - shares), kind="stable")[: size - shares.sum()]:
        shares[k] += 1
    return shares


def _by_time(when, rows, options):
    """Put the last rows of a task into the test part, and those before them into validation."""
    rows = rows[np.argsort(when[rows], kind="stable")]
    test, validation = sizes_of(len(rows), options)
    ends = [len(rows) - test - validation, len(rows) - test]
    return dict(zip(PARTS, np.split(rows, ends), strict=True))


def _times(roles, series):
    """Return the times (n,) of the used rows as numbers."""
    import pandas as pd

    found = None
    if not pd.api.types.is_datetime64_any_dtype(series):
        found = cols.numbers(roles.file, series)
    if found is None:
        moments = pd.to_datetime(series, errors="coerce", format="mixed")
        found = moments.astype("int64").to_numpy().astype(float)
        found[moments.isna()] = np.nan
    found = found[roles.rows]
    if np.isnan(found).any():
        row = int(roles.rows[np.argmax(np.isnan(found))])
        raise InputError(
            f"{roles.file}: split_by time: {series.name!r} in row {row + 1} is {series.iloc[row]!r}, which "
            "is no date and no number; correct it, as 2024-01-31"
        )
    return found


def _by_group(random, roles, series, tasks, options):
    """Put whole groups into the parts: task by task if no group spans tasks, else for all tasks at once."""
    import pandas as pd

    codes, _ = pd.factorize(cols.texts(series))
    codes = codes[roles.rows]
    if (codes < 0).any():
        row = int(roles.rows[np.argmax(codes < 0)])
        raise InputError(
            f"{roles.file}: split_by group: {series.name!r} is missing in row {row + 1}; fill it in"
        )
    pairs = np.unique(np.column_stack([codes, roles.task]), axis=0)
    nested = len(pairs) == len(np.unique(codes))
    if nested and roles.kind != "one-vs-rest":
        return {name: _draw_groups(random(name), codes, rows, options) for name, rows in tasks.items()}
    parts = _draw_groups(random("groups"), codes, np.arange(len(codes)), options)
    part_of = np.empty(len(codes), dtype=object)
    for part, rows in parts.items():
        part_of[rows] = part
    return {name: {part: rows[part_of[rows] == part] for part in PARTS} for name, rows in tasks.items()}


def _draw_groups(random, codes, rows, options):
    """Return the parts of `rows`: groups at random until a part has its share, and one for each part."""
    groups, inverse, counts = np.unique(codes[rows], return_inverse=True, return_counts=True)
    order = random.permutation(len(groups))
    test, validation = sizes_of(max(len(rows), 3), options)
    part_of = np.full(len(groups), 2)
    left = len(groups)
    for number, size in ((0, test), (1, validation)):
        taken = 0
        while left > 2 - number and (taken == 0 or taken + counts[order[left - 1]] / 2 <= size):
            left -= 1
            part_of[order[left]] = number
            taken += counts[order[left]]
    own = part_of[inverse]
    return {part: rows[own == number] for number, part in enumerate(("test", "validation", "train"))}


def _by_column(random, roles, series, tasks, options):
    """Take the parts from a column; without rows for validation a share of the training rows is drawn."""
    found = cols.texts(series).iloc[roles.rows].reset_index(drop=True)
    lower = found.str.lower().map(PART_NAMES)
    if lower.isna().any():
        place = int(np.argmax(lower.isna()))
        value = found.iloc[place]
        raise InputError(
            f"{roles.file}: split_by column: {series.name!r} in row {int(roles.rows[place]) + 1} is "
            f"{value!r}; write train, validation or test"
        )
    part_of = lower.to_numpy()
    divided = {name: {part: rows[part_of[rows] == part] for part in PARTS} for name, rows in tasks.items()}
    if not (part_of == "validation").any():
        for name, parts in divided.items():
            rows = random(name).permutation(parts["train"])
            count = min(max(round(options["validation_fraction"] * len(rows)), 1), max(len(rows) - 1, 0))
            parts["validation"], parts["train"] = rows[:count], rows[count:]
    return divided
