"""What the project has set itself to reach, on a machine of two ordinary cores: reported, never asserted.

A goal belongs to a case and looks at one setting of it, every one unless it names some.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A bound on a number of a setting.

    text : the goal in words. measure : function of {contender: row} of one setting, ours under ``ours``, that
    returns the number, or None where it was not measured. at_least : the bound is from below.
    settings : the settings that it is about, all if empty.
    """

    case: str
    text: str
    measure: Callable
    bound: float
    unit: str = ""
    at_least: bool = False
    settings: tuple = ()

    def reached(self, value, stopped=False):
        """Say whether `value` is within the bound; None where there is no value.

        stopped : our run had to be ended; what it took until then can only break a bound.
        """
        if value is None:
            return None
        within = value >= self.bound if self.at_least else value <= self.bound
        return None if stopped and within else within


def seconds(rows):
    """Return our median seconds."""
    return rows["ours"]["seconds"]


def peak_mib(rows):
    """Return the most MiB that our process held."""
    return rows["ours"]["peak_mib"]


def added_mib(rows):
    """Return the most MiB that our process held beyond its data."""
    return rows["ours"]["added_mib"]


def start_up(rows):
    """Return the processor seconds of a job beside its fit."""
    return rows["ours"]["counts"].get("start_up_cpu")


def to_fastest(rows):
    """Return our seconds by those of the fastest alternative."""
    others = [row["ratio"] for name, row in rows.items() if name != "ours" and row["ratio"] is not None]
    return max(others, default=None)


def to_stl(rows):
    """Return our seconds by those of the single-task fit."""
    return rows.get("STL at the tuned rho", {}).get("ratio")


def w_solves(rows):
    """Return how many times our W-solves the plain alternation takes, at least where it was stopped."""
    mine = rows["ours"]["counts"].get("w_solves")
    other = rows.get("plain alternation", {}).get("counts", {}).get("w_solves")
    return other / mine if mine and other else None


# A dense matrix of all unknowns of School, (26 * 139)^2 numbers, is 100 MiB.
DENSE_SCHOOL = 99.0

GOALS = (
    Goal("amtl-squared", "one point from the tuned STL in 20 ms", seconds, 0.02, "s"),
    Goal(
        "amtl-squared",
        "at least 10 times fewer W-solves than the plain alternation at strong coupling",
        w_solves,
        10.0,
        at_least=True,
        settings=("strong",),
    ),
    Goal("amtl-curriculum", "one point in 10 ms", seconds, 0.01, "s"),
    Goal("stl-logistic", "half the time of scikit-learn's fastest solver", to_fastest, 0.5),
    Goal("amtl-logistic", "one point along its path in 3 times the STL fit", to_stl, 3.0),
    Goal("amtl-grid", "64 points in 10 s", seconds, 10.0, "s"),
    Goal("amtl-school", "one point in 1 s", seconds, 1.0, "s"),
    Goal("amtl-school", "no dense matrix of all unknowns", added_mib, DENSE_SCHOOL, "MiB beyond the data"),
    Goal("mtfl-school", "one gamma in 0.5 s", seconds, 0.5, "s"),
    Goal("amtl-awa-shape", "one point in 5 s", seconds, 5.0, "s"),
    Goal("amtl-awa-shape", "within 1 GiB", peak_mib, 1024.0, "MiB"),
    Goal("amtl-many-tasks", "one point in 2 min", seconds, 120.0, "s"),
    Goal("amtl-many-tasks", "within 4 GiB", peak_mib, 4096.0, "MiB"),
    Goal("gomtl-school", "one point in 2 s", seconds, 2.0, "s"),
    Goal("start-up", "1 processor second beside the fit", start_up, 1.0, "s"),
)


def judged(case, setting, rows):
    """Return [(goal, value, reached)] of one setting of a case; rows : {contender: row}."""
    found = []
    for goal in GOALS:
        if goal.case == case and (not goal.settings or setting in goal.settings):
            value = goal.measure(rows)
            found.append((goal, value, goal.reached(value, rows["ours"]["stopped"])))
    return found
