"""What several tables share: the order of methods, units of errors, blocks of rows, and texts."""

from amtl.statistics import paired

METRICS = {"rmse": "RMSE", "error": "error %", "auc_loss": "1 − AUC, %", "f1_loss": "1 − F1, %"}
# Comparisons are with single-task learning, and some also with AMTL.
BASELINE = "stl"
REFERENCES = (BASELINE, "amtl")
# Characters of a task's name in a cell; csv files have all.
MAX_NAME = 60


def shown(run):
    """Return the methods in the order of the tables: controls come last."""
    return run.methods_that(control=False) + run.methods_that(control=True)


def all_splits(run):
    """Return {dataset: numbers of its splits}."""
    return {each.name: list(range(1, each.splits + 1)) for each in run.datasets}


def has_baseline(run):
    """Return whether the run can be compared with `BASELINE`."""
    return any(method.name == BASELINE for method in run.methods)


def change(run, scores, dataset, entry, reference, shared):
    """Return the Interval of an entry's test error minus its reference's on the same splits, or None.

    shared : overlap of the splits.
    """
    metric = scores.primary_metric(dataset)
    errors = (scores.values(dataset, each, metric) for each in (entry, reference))
    return paired(*errors, run.interval, shared)


def twin(run, scores, dataset, name):
    """Return the run's other method that has the same fits on the dataset, or None.

    Of the entries of the method that the fits name, it is the one with the same errors: its options are the
    same too.
    """
    metric = scores.primary_metric(dataset)
    other, own = scores.same_as(dataset, name), scores.values(dataset, name, metric)
    entries = [each for each in run.methods if each.method == other and each.name != name]
    return next((each for each in entries if scores.values(dataset, each.name, metric) == own), None)


def same_as(method):
    """Return the text in place of the numbers of a method that is `method` on a dataset."""
    return f"same as {method.title}"


def two_blocks(main, title, others):
    """Return the blocks of the main rows and, below them under a title, of `others` if there are any."""
    return [(None, main), *([(title, others)] if others else [])]


def in_order(table, order, then):
    """Return the rows of a DataFrame whose names are in `order` ({column: names}), in this order.

    Rows of the same names follow each other by the column `then`.
    """
    for column, names in order.items():
        table = table[table[column].isin(names)]
    key = {column: names.index for column, names in order.items()}
    return table.sort_values([*order, then], key=lambda each: each.map(key.get(each.name, lambda x: x)))


def changes(ablation):
    """Return the options that an ablation changes in its reference method, such as ``ridge: 0``."""
    texts = {
        key: f"{value:g}" if isinstance(value, float) else value for key, value in ablation.changed.items()
    }
    return ", ".join(f"{key}: {text}" for key, text in texts.items()) or "nothing"


def short(name, most=MAX_NAME):
    """Return a name of at most `most` characters."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
