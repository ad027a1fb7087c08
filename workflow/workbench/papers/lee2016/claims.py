"""The claims of Lee, Yang and Hwang (2016), each with the rule that turns a run's results into a verdict.

The sign of an effect is chosen so that larger speaks for the claim. Rules common to all claims are in
`workbench.papers.verdicts`. A test is a function (`Results`, dataset, ...) -> `Part`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from amtl import graph_measures as graphs
from amtl.datasets import two_groups
from amtl.statistics import interval
from workbench.papers import verdicts
from workbench.papers.lee2016 import numbers as paper
from workbench.papers.verdicts import CONTRADICTS, HOLDS, INCONCLUSIVE, UNTESTED, Part, judge, untested

# A task is degraded by much if it loses more than this, in % of STL's error on it.
MUCH = 5.0
# A share above this, in %, is nearly all.
NEARLY_ALL = 90.0
# At least this many tasks are several.
SEVERAL = 2
# The datasets on which claims read the graphs of these two methods.
GRAPH_DATASETS = ("synthetic", "synthetic-authors", "mnist")
GRAPH_METHODS = ("amtl", "amtl-curriculum")

TABLE1 = paper.COLUMNS["table1"].values()
# The paper's column of each dataset, as a short title.
TITLES = {name: column for columns in paper.COLUMNS.values() for column, name in columns.items()}
TITLES["imbalanced"] = "imbalanced Synthetic"

HARD = np.array(two_groups.DIFFICULTY) == "hard"
SAME_GROUP = np.equal.outer(two_groups.GROUP, two_groups.GROUP)
# Share of possible edges within a group, in %.
CHANCE = 100.0 * (SAME_GROUP.sum() - len(HARD)) / (SAME_GROUP.size - len(HARD))


@dataclass(frozen=True)
class Claim:
    """One claim.

    where : place in the paper. text : what the paper says. effect : definition of the number.
    rule : how it gives a verdict, in words. examine : function (`Results`) -> list of `Part`.
    """

    where: str
    text: str
    effect: str
    rule: str
    examine: Callable


def fits_read(run):
    """Return {dataset: {method: split numbers}} of the fits that the claims read; run : the `RunInfo`."""
    found = {}
    for dataset in run.datasets:
        named = GRAPH_METHODS if dataset.name in GRAPH_DATASETS else ()
        for method in run.methods:
            splits = run.splits_of(dataset.name, method.name)
            if splits and (method.method == "amtl" or method.name in named):
                found.setdefault(dataset.name, {})[method.name] = splits
    return found


def title_of(run, dataset):
    """Return the paper's column as a short title, or the title of a dataset that has none."""
    return TITLES.get(dataset) or run.title(dataset)


def each(test, *rows, **keywords):
    """Return the function (run) -> parts that `test` gives, one for each row (dataset, ...).

    The authors' released file of a dataset gives a detail, or nothing if the run lacks it.
    """

    def examine(run):
        parts = []
        for dataset, *facts in rows:
            detail = dataset.endswith("-authors")
            if not detail or dataset in run.datasets:
                parts.append(replace(test(run, dataset, *facts, **keywords), counts=not detail))
        return parts

    return examine


def joined(*examinations):
    """Return the function (run) -> the parts of all `examinations`."""
    return lambda run: [part for examine in examinations for part in examine(run)]


# --- comparisons of methods ---------------------------------------------------------------------------------


def beats(run, dataset, winner, loser, name="{winner} over {loser} on {dataset}", outcomes=()):
    """Return the part that `winner` has a lower error than `loser`, in % of the loser's mean error.

    name : of the part. outcomes : of `judge`.
    """
    name = name.format(winner=run.title(winner), loser=run.title(loser), dataset=title_of(run, dataset))
    missing = run.missing(dataset, winner, loser)
    if missing:
        return untested(name, missing)
    return judge(name, run.gain(dataset, winner, loser), outcomes=outcomes)


def is_best(run, dataset, method, name="{method} on {dataset}"):
    """Return the part that `method` beats every other method of the paper's table.

    The effect is the gain over the rival with the lowest mean error; the part contradicts if that rival beats
    the method.
    """
    name = name.format(method=run.title(method), dataset=title_of(run, dataset))
    missing = run.missing(dataset, method)
    if missing:
        return untested(name, missing)
    table, column, _ = paper.place(dataset)
    rivals = [rival for rival in paper.TABLES[table][column] if rival != method]
    absent = [rival for rival in rivals if run.missing(dataset, rival)]
    found = {rival: gain for rival in rivals if (gain := run.gain(dataset, method, rival)) is not None}
    if not found:
        return untested(name, "none of the other methods was run")
    closest = min(found, key=lambda rival: found[rival].mean)
    part = judge(f"{name} over {run.title(closest)}", found[closest])
    if part.outcome == UNTESTED:
        return part
    unsure = [rival for rival, gain in found.items() if gain.half is None or gain.low <= 0.0]
    unsure = unsure if part.outcome == HOLDS else []
    notes = {"inconclusive over": unsure, "without": absent}
    note = "; ".join(f"{text} {', '.join(map(run.title, names))}" for text, names in notes.items() if names)
    return replace(part, outcome=INCONCLUSIVE if unsure else part.outcome, note=note)


def is_faster(run, dataset, fast, slow):
    """Return the part that the seconds of `slow` exceed those of `fast`, split by split."""
    name, missing = title_of(run, dataset), run.missing(dataset, slow, fast)
    times = None if missing else run.time_ratio(dataset, slow, fast)
    if times is None:
        return untested(name, missing or "no times on a common split")
    part = judge(name, times, holds_above=1.0)
    if part.outcome == UNTESTED:
        return untested(name, part.note)
    # Times vary from run to run, so the ratio is not shown.
    return Part(name, part.outcome, note="the ratio is in the table Runtime", n=times.n)


# --- single tasks -------------------------------------------------------------------------------------------


def _over_tasks(name, missing, found, rule, unit, tasks):
    """Return the part that `rule` decides; its effect is that of the worst task.

    found : {task: Interval}. rule : function (found) -> (whether it holds, whether it contradicts, note).
    """
    if missing or not found:
        return untested(name, missing or f"no errors of single {tasks}")
    if any(effect.half is None for effect in found.values()):
        return untested(name, verdicts.ONE_SPLIT)
    holds, contradicts, note = rule(found)
    worst = min(found.values(), key=lambda effect: effect.mean)
    return Part(name, verdicts.outcome_of(holds, contradicts), worst, unit, note)


def degrades(run, dataset, method, several):
    """Return the part that `method` degrades several tasks by much, or none if `several` is false."""

    def rule(found):
        degraded = [task for task, gain in found.items() if gain.mean < -MUCH and gain.high < 0.0]
        many, none = len(degraded) >= SEVERAL, not degraded
        note = f"tasks degraded by much: {', '.join(degraded) or 'none'}"
        return (many, none, note) if several else (none, many, note)

    gains = run.gains_by_task(dataset, method, "stl").items()
    found = {task: interval(gain.values(), run.interval) for task, gain in gains if gain}
    name = f"{run.title(method)} degrades {'several' if several else 'none'}"
    return _over_tasks(name, run.missing(dataset, method, "stl"), found, rule, "%", "tasks")


def improves(run, dataset, method, every):
    """Return the part that `method` improves every class, or some while it degrades others."""

    def rule(found):
        up = sum(gain.low > 0.0 for gain in found.values())
        down = sum(gain.high < 0.0 for gain in found.values())
        note = f"of {len(found)} classes {up} improved, {down} degraded"
        if every:
            return up == len(found), down > 0, note
        return up > 0 and down > 0, len(found) in (up, down), note

    found = run.task_reductions(dataset, method, "stl")
    name = f"{run.title(method)} improves {'every class' if every else 'some and degrades others'}"
    return _over_tasks(name, run.missing(dataset, method, "stl"), found, rule, "points", "classes")


# --- graphs and orders --------------------------------------------------------------------------------------


def over_fits(run, dataset, method, measure, name="{dataset}", needs=(), **bounds):
    """Return the part that a number exceeds a bound.

    measure : function (fit) -> share, or None for a fit that does not count; the number is the mean in %.
    needs : other methods without which the part is not tested. bounds : of `judge`.
    """
    name = name.format(method=run.title(method), dataset=title_of(run, dataset))
    missing = run.missing(dataset, method, *needs, fits=[method])
    if missing:
        return untested(name, missing)
    values = [measure(fit) for fit in run.fits(dataset, method).values()]
    values = [100.0 * value for value in values if value is not None]
    return judge(name, interval(values, run.interval) if values else None, **bounds)


def _easy_to_hard(fit):
    return graphs.direction(fit["B"], ~HARD[:, None] & HARD[None, :])


def _within_groups(fit):
    return graphs.share(fit["B"], SAME_GROUP)


def _rising_loss(fit):
    return graphs.direction(fit["B"], fit["losses"][:, None] < fit["losses"][None, :])


def _easy_first(fit):
    """Return the share of (easy, hard) pairs of which the easy one was trained first."""
    position = np.argsort(fit["order"])
    return float(np.mean(position[~HARD][:, None] < position[HARD][None, :]))


def has_no_cycle(run, dataset, method):
    """Return the part that no split has a graph with a cycle; one with a cycle contradicts."""
    name = "no cycle in the graph of {method}"
    part = over_fits(run, dataset, method, lambda fit: float(graphs.is_acyclic(fit["B"])), name)
    if part.effect is None:
        return part
    return Part(part.name, HOLDS if part.effect.mean == 100.0 else CONTRADICTS, part.effect)


def gains_in_order(run, dataset, method, name, places, outcomes=()):
    """Return the part that the tasks at `places` (a slice) of the training order gain over STL, in %."""
    missing = run.missing(dataset, method, "stl", fits=[method])
    if missing:
        return untested(name, missing)
    gains = list(run.gains_by_task(dataset, method, "stl").values())
    rows = [
        np.mean([gains[t][k] for t in fit["order"][places]])
        for k, fit in run.fits(dataset, method).items()
        if all(k in gain for gain in gains)
    ]
    return judge(name, interval(rows, run.interval) if rows else None, outcomes=outcomes)


def _theorem(run):
    shares, pairs, by_loss, left_out = {}, 0, 0, 0
    for dataset in run.datasets:
        for method in run.entries_of("amtl"):
            for fit in run.fits(dataset, method).values():
                if not fit["converged"] or fit["delta"] != "train":
                    left_out += 1
                    continue
                counted, satisfied, alone = graphs.theorem_pairs(fit["penalized_W"], fit["B"], fit["losses"])
                if counted:
                    shares.setdefault(dataset, []).append(100.0 * satisfied / counted)
                    pairs, by_loss = pairs + counted, by_loss + alone
    name = "all datasets of the run"
    if not shares:
        return [untested(name, "no converged fit of AMTL with edges")]
    note = f"{pairs:,} pairs, in {100.0 * by_loss / pairs:.0f} % of them by the loss alone"
    note += f"; {left_out} fits excluded" if left_out else ""
    details = [_theorem_part(run, title_of(run, name), found) for name, found in shares.items()]
    whole = _theorem_part(run, name, sum(shares.values(), []))
    return [replace(whole, note=note), *(replace(part, counts=False) for part in details)]


def _theorem_part(run, name, shares):
    """Return the part for the shares, in %, of pairs that satisfy the theorem, one per fit."""
    found = interval(shares, run.interval)
    return Part(name, verdicts.outcome_of(min(shares) == 100.0, sum(shares) / len(shares) < 50.0), found)


# --- the claims ---------------------------------------------------------------------------------------------

SYNTHETIC = ("synthetic", "synthetic-authors")
FIRST_HALF, SECOND_HALF = slice(len(HARD) // 2), slice(len(HARD) // 2, None)
IN_ORDER = ("synthetic", "amtl-curriculum")


def _imbalanced(dataset, title):
    """Return the examinations of claim C15 on one dataset."""
    return (
        each(beats, (dataset, "amtl", "stl"), name=f"AMTL over STL on {title}"),
        each(is_best, (dataset, "amtl-imbalanced"), name=f"AMTL-imbalanced best on {title}"),
        each(beats, (dataset, "stl", "go-mtl"), name=f"STL over GO-MTL on {title}"),
        each(beats, (dataset, "stl", "mtfl"), name=f"STL over MTFL on {title}"),
    )


GAIN = "lower error, in % of the other method's mean error"

CLAIMS = {
    "C1": Claim(
        "4.1, Table 1",
        "AMTL has the lowest RMSE of all nine methods on Synthetic.",
        f"AMTL over the best of the others: {GAIN}",
        "Reproduced if AMTL beats each of the other methods; opposite if the method with the lowest mean "
        "error beats AMTL.",
        each(is_best, *((dataset, "amtl") for dataset in SYNTHETIC)),
    ),
    "C2": Claim(
        "4.1, Figure 1c",
        "Edge mass goes from easy to hard tasks, not back (Synthetic).",
        "of AMTL's edge weight between easy and hard tasks, the share easy → hard minus the share hard → "
        "easy",
        f"Reproduced if the interval lies above {2 * NEARLY_ALL - 100:.0f} %, that is if more than "
        f"{NEARLY_ALL:.0f} % goes to hard tasks; opposite if it lies below 0. A split without such edges "
        "counts as 0.",
        each(
            over_fits,
            *((dataset, "amtl", _easy_to_hard) for dataset in SYNTHETIC),
            holds_above=2 * NEARLY_ALL - 100.0,
            contradicts_below=0.0,
        ),
    ),
    "C3": Claim(
        "Figure 1c",
        "Edges stay within the two groups (Synthetic).",
        "share of AMTL's edge weight within the groups",
        f"Reproduced if the interval lies above {NEARLY_ALL:.0f} %; opposite if it lies below 5/11 = 45 %, "
        "the share of possible edges within a group. Splits without edges do not count.",
        each(
            over_fits,
            *((dataset, "amtl", _within_groups) for dataset in SYNTHETIC),
            holds_above=NEARLY_ALL,
            contradicts_below=CHANCE,
        ),
    ),
    "C4": Claim(
        "Figure 1d",
        "GO-MTL degrades several tasks by much; AMTL degrades none by much (Synthetic).",
        "gain over STL of the task that loses most, in % of STL's mean RMSE on it",
        f"By much: the mean loss exceeds {MUCH:.0f} % of STL's RMSE on the task and the interval excludes "
        f"zero. GO-MTL's part holds with {SEVERAL} or more such tasks and contradicts with none; AMTL's part "
        f"holds with none and contradicts with {SEVERAL} or more.",
        each(degrades, ("synthetic", "go-mtl", True), ("synthetic", "amtl", False)),
    ),
    "C5": Claim(
        "Figure 1e",
        "The curriculum picks the easy tasks first; early tasks neither gain nor lose, late ones gain "
        "(Synthetic).",
        "share of pairs of an easy and a hard task with the easy one trained first; mean gain over STL, in % "
        "of STL's RMSE, of the first and of the second half of the order",
        f"Easy first: the interval lies above {NEARLY_ALL:.0f} % (contradicts: below 50 %). Early: the "
        "interval contains zero (contradicts: it does not), which is easy to satisfy with few splits. Late: "
        "the interval lies above zero.",
        joined(
            each(
                over_fits,
                (*IN_ORDER, _easy_first, "easy tasks first", ("stl",)),
                holds_above=NEARLY_ALL,
                contradicts_below=50.0,
            ),
            # An interval on either side of zero contradicts.
            each(
                gains_in_order,
                (*IN_ORDER, "early tasks neither gain nor lose", FIRST_HALF),
                outcomes={INCONCLUSIVE: HOLDS, HOLDS: CONTRADICTS},
            ),
            each(gains_in_order, (*IN_ORDER, "late tasks gain", SECOND_HALF)),
        ),
    ),
    "C6": Claim(
        "Table 1",
        "SMTL and AMTL-noLoss do not improve on STL on Synthetic.",
        f"STL over each: {GAIN}",
        "A part holds if the method does not beat STL, that is if the interval contains zero or lies above "
        "it, which is easy to satisfy with few splits; it contradicts if the method beats STL.",
        each(
            beats,
            ("synthetic", "stl", "smtl"),
            ("synthetic", "stl", "amtl-noloss"),
            name="STL over {loser}",
            outcomes={INCONCLUSIVE: HOLDS},
        ),
    ),
    "C7": Claim(
        "4.1",
        "AMTL-Curriculum is faster than AMTL (Synthetic; 21.7 times in the paper).",
        "ratio of the seconds of AMTL to those of AMTL-Curriculum, whole job, split by split; times vary "
        "from run to run, so the number is in the table Runtime",
        "Reproduced if the interval of the ratio lies above 1, opposite if below.",
        each(is_faster, ("synthetic", "amtl-curriculum", "amtl")),
    ),
    "C8": Claim(
        "4.2, Table 1",
        "AMTL and AMTL-Curriculum beat STL on every dataset.",
        f"each over STL: {GAIN}",
        "One part per method and dataset of Table 1: the method beats STL.",
        each(
            beats,
            *((dataset, method, "stl") for method in GRAPH_METHODS for dataset in TABLE1),
            name="{winner} on {dataset}",
        ),
    ),
    "C9": Claim(
        "Table 1",
        "AMTL is best on MNIST, USPS and AWA.",
        f"AMTL over the best of the others: {GAIN}",
        "One part per dataset: AMTL beats each of the other methods of Table 1 (contradicts: the method with "
        "the lowest mean error beats AMTL).",
        each(is_best, ("mnist", "amtl"), ("usps", "amtl"), ("awa", "amtl")),
    ),
    "C10": Claim(
        "4.2, Table 1",
        "GO-MTL beats AMTL on School.",
        f"GO-MTL over AMTL: {GAIN}",
        "Reproduced if GO-MTL beats AMTL, opposite if AMTL beats GO-MTL.",
        each(beats, ("school", "go-mtl", "amtl")),
    ),
    "C11": Claim(
        "4.2, Table 1",
        "AMTL is slightly better than AMTL-Curriculum on every dataset.",
        f"AMTL over AMTL-Curriculum: {GAIN}",
        "One part per dataset of Table 1: AMTL beats AMTL-Curriculum. The size of the gain is not judged.",
        each(beats, *((dataset, "amtl", "amtl-curriculum") for dataset in TABLE1), name="{dataset}"),
    ),
    "C12": Claim(
        "Table 1",
        "MTFL, GO-MTL and SC-MTL lose to STL on AWA.",
        f"STL over each: {GAIN}",
        "One part per method: STL beats it.",
        each(
            beats,
            *(("awa", "stl", method) for method in ("mtfl", "go-mtl", "sc-mtl")),
            name="STL over {loser}",
        ),
    ),
    "C13": Claim(
        "Figure 2",
        "On MNIST AMTL improves every class; GO-MTL improves some and degrades others.",
        "error of STL minus the method's on the class that gains least, in percentage points",
        "A class is improved if its interval lies above zero, degraded if below. AMTL's part holds if all "
        "classes are improved and contradicts if one is degraded. GO-MTL's part holds if at least one class "
        "is improved and one degraded, and contradicts if all are improved or all degraded.",
        each(improves, ("mnist", "amtl", True), ("mnist", "go-mtl", False)),
    ),
    "C14": Claim(
        "Figure 3",
        "On MNIST edges go from low-loss to high-loss tasks; the curriculum's graph has no cycle.",
        "share of edge weight from lower to higher training loss minus the share back; share of splits "
        "without a cycle",
        "Edges: the interval lies above zero, for AMTL and for AMTL-Curriculum. No cycle: in no split (by "
        "construction of the method).",
        joined(
            each(
                over_fits,
                *(("mnist", method, _rising_loss) for method in GRAPH_METHODS),
                name="rising loss in the graph of {method}",
            ),
            each(has_no_cycle, ("mnist", "amtl-curriculum")),
        ),
    ),
    "C15": Claim(
        "4.3, Table 2",
        "On imbalanced data AMTL beats STL, AMTL-imbalanced is best, GO-MTL and MTFL lose to STL.",
        f"the first named over the second or over the best of the others: {GAIN}",
        "Four parts per dataset of Table 2: AMTL beats STL; AMTL-imbalanced beats each of the other methods "
        "of Table 2 (contradicts: the method with the lowest mean error beats it); STL beats GO-MTL; STL "
        "beats MTFL.",
        joined(
            *_imbalanced("imbalanced", "imbalanced Synthetic"),
            *_imbalanced("imagenet-room", "ImageNet-Room"),
            *_imbalanced("imbalanced-authors", "the authors' files"),
        ),
    ),
    "C16": Claim(
        "Theorem 1",
        "At a local optimum, a task that gives more has the smaller loss, or exchanging what the two give "
        "would raise the regulariser.",
        "share of pairs of tasks, one giving more than the other, that satisfy the theorem, mean over fits; "
        "n: number of fits",
        "Every converged fit of AMTL with edges, on every dataset. Exchanging: the two tasks' rows of B are "
        "swapped, and the edges between the two are reversed; the regulariser is ||W - W B||². Losses are "
        "mean training losses. Reproduced if all pairs of all fits satisfy the theorem; opposite if fewer "
        "than half do on the mean. Fits that price edges by the validation loss are excluded.",
        _theorem,
    ),
}
