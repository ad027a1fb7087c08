"""Synthetic data: the hard tasks have more noise (Lee et al. 2016, section 4.1)."""

from amtl.datasets.two_groups import TASKS, draw_split, per_task


def make_synthetic(
    index, seed, *, train_rows=30, validation_rows=30, test_rows=30, noise_easy=5.0, noise_hard=25.0
):
    """Return split `index` of twelve regression tasks with the weights that generated them.

    train_rows, validation_rows, test_rows : rows of each task.
    noise_easy, noise_hard : standard deviation of the noise in the easy and in the hard tasks.
    """
    rows = {
        "train": [train_rows] * TASKS,
        "validation": [validation_rows] * TASKS,
        "test": [test_rows] * TASKS,
    }
    note = f"Noise {noise_easy:g} in the easy tasks, {noise_hard:g} in the hard ones."
    return draw_split("synthetic", index, seed, rows, per_task(noise_easy, noise_hard), note)
