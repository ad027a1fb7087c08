"""Imbalanced synthetic data: the hard tasks have few training rows (Lee et al. 2016, section 4.3)."""

from amtl.datasets.two_groups import TASKS, draw_split, per_task


def make_imbalanced(
    index, seed, *, train_rows=500, train_rows_small=5, validation_rows=50, test_rows=50, noise=50.0
):
    """Return split `index` of twelve regression tasks with the weights that generated them.

    train_rows, train_rows_small : training rows of each easy and of each hard task.
    validation_rows, test_rows : rows of each task. noise : standard deviation of the noise in every task.
    """
    rows = {
        "train": per_task(train_rows, train_rows_small),
        "validation": [validation_rows] * TASKS,
        "test": [test_rows] * TASKS,
    }
    rows_note = f"{train_rows} training rows in the easy tasks, {train_rows_small} in the hard"
    return draw_split(
        "imbalanced", index, seed, rows, [noise] * TASKS, f"{rows_note}; noise {noise:g} in all."
    )
