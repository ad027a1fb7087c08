"""The twelve tasks of the paper's synthetic data, generated or released (sections 4.1 and 4.3)."""

TASKS = 12
# The first six tasks use features 1-10 only, the others all 20.
GROUP = (1,) * 6 + (2,) * 6
# Within each group the first three tasks are the easy ones: less noise, or more rows.
DIFFICULTY = (("easy",) * 3 + ("hard",) * 3) * 2


def names():
    """Return the names of the tasks: "1" to "12"."""
    return tuple(str(task + 1) for task in range(TASKS))


def per_task(easy, hard):
    """Return one value per task: `easy` for the easy tasks and `hard` for the hard ones."""
    return [easy if difficulty == "easy" else hard for difficulty in DIFFICULTY]


def notes():
    """Return the meta of a split that says how hard each task is and which group it is in."""
    return {"difficulty": list(DIFFICULTY), "group": list(GROUP)}
