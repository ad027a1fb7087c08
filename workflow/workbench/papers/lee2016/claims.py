"""The claims of Lee, Yang and Hwang (2016), each with the rule that turns a run's results into a verdict.

The sign of an effect is chosen so that larger speaks for the claim. Rules common to all claims are in
`workbench.papers.verdicts`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from amtl import graph_measures as graphs
from amtl.datasets import two_groups
from amtl.statistics import interval
from workbench.papers.lee2016 import numbers as paper
from workbench.papers.verdicts import (
    CONTRADICTS,
    HOLDS,
    INCONCLUSIVE,
    ONE_SPLIT,
    UNTESTED,
    Part,
    judge,
    outcome_of,
    untested,
)

# A task is degraded by much if it loses more than this, in % of STL's error on it.
MUCH = 5.0
# A share above this, in %, is nearly all.
NEARLY_ALL = 90.0
# At least this many tasks are several.
SEVERAL = 2
# The datasets on which claims read the graphs of these two methods.
GRAPH_DATASETS = ("synthetic", "synthetic-authors", "mnist")
GRAPH_METHODS = ("amtl", "amtl-curriculum")

HARD = np.array([difficulty == "hard" for difficulty in two_groups.DIFFICULTY])
GROUP = np.array(two_groups.GROUP)


@dataclass(frozen=True)
class Claim:
    """One claim.

    effect : definition of the number. rule : how it gives a verdict, in words.
    examine : function (`Results`) -> list of `Part`.
    """

    id: str
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
        methods = [each.name for each in run.methods if each.method == "amtl"]
        methods += [each.name for each in run.methods if each.name in named]
        by_method = {name: splits for name in methods if (splits := run.splits_of(dataset.name, name))}
        if by_method:
            found[dataset.name] = by_method
    return found


def title_of(run, dataset):
    """Return the paper's column as a short title, or the title of a dataset that has none."""
    if dataset == "imbalanced":
        return "imbalanced Synthetic"
    columns = {name: column for table in paper.COLUMNS.values() for column, name in table.items()}
    return columns.get(dataset) or run.title(dataset)


# --- comparisons of methods ---------------------------------------------------------------------------------


def beats(run, dataset, winner, loser, name=None):
    """Return the part that `winner` has a lower error than `loser`, in % of the loser's mean error."""
    name = name or f"{run.title(winner)} over {run.title(loser)} on {title_of(run, dataset)}"
    missing = run.missing(dataset, winner, loser)
    return untested(name, missing) if missing else judge(name, run.gain(dataset, winner, loser))


def is_best(run, dataset, method, name=None):
    """Return the part that `method` beats every other method of the paper's table.

    The effect is the gain over the rival with the lowest mean error; the part contradicts if that rival beats
    the method.
    """
    name = name or f"{run.title(method)} on {title_of(run, dataset)}"
    missing = run.missing(dataset, method)
    if missing:
        return untested(name, missing)
    table, column, _ = paper.place(dataset)
    rivals = [rival for rival in paper.TABLES[table][column] if rival != method]
    absent = [rival for rival in rivals if run.missing(dataset, rival)]
    gains = {rival: run.gain(dataset, method, rival) for rival in rivals if rival not in absent}
    found = {rival: gain for rival, gain in gains.items() if gain is not None}
    if not found:
        return untested(name, "none of the other methods was run")
    closest = min(found, key=lambda rival: found[rival].mean)
    part = judge(f"{name} over {run.title(closest)}", found[closest])
    if part.outcome == UNTESTED:
        return part
    notes = []
    unsure = [rival for rival, gain in found.items() if gain.half is None or gain.low <= 0.0]
    if part.outcome == HOLDS and unsure:
        part = replace(part, outcome=INCONCLUSIVE)
        notes.append(f"inconclusive over {_titles(run, unsure)}")
    if absent:
        notes.append(f"without {_titles(run, absent)}")
    return replace(part, note="; ".join(notes))


def _titles(run, names):
    return ", ".join(map(run.title, names))


def _over_stl(run, dataset, methods):
    """Return a part per method that STL beats it."""
    return [beats(run, dataset, "stl", method, f"STL over {run.title(method)}") for method in methods]


def _detail(part):
    """Return the part as a detail that does not count for the verdict."""
    return replace(part, counts=False)


def _with_authors(run, dataset, make):
    """Return the parts of `dataset` and, as details, those of the authors' released files, if any."""
    authors = f"{dataset}-authors"
    return [*make(dataset), *(map(_detail, make(authors)) if authors in run.datasets else ())]


def _beat_stl(run):
    return [
        beats(run, dataset, method, "stl", f"{run.title(method)} on {title_of(run, dataset)}")
        for method in ("amtl", "amtl-curriculum")
        for dataset in paper.COLUMNS["table1"].values()
    ]


def _slightly_better(run):
    return [
        beats(run, dataset, "amtl", "amtl-curriculum", title_of(run, dataset))
        for dataset in paper.COLUMNS["table1"].values()
    ]


def _no_better_than_stl(run):
    # An inconclusive difference is no improvement on STL either.
    return [
        replace(part, outcome=HOLDS) if part.outcome == INCONCLUSIVE else part
        for part in _over_stl(run, "synthetic", ("smtl", "amtl-noloss"))
    ]


def _imbalanced(run):
    def parts(dataset):
        title = "the authors' files" if dataset.endswith("-authors") else title_of(run, dataset)
        return [
            beats(run, dataset, "amtl", "stl", f"AMTL over STL on {title}"),
            is_best(run, dataset, "amtl-imbalanced", f"AMTL-imbalanced best on {title}"),
            beats(run, dataset, "stl", "go-mtl", f"STL over GO-MTL on {title}"),
            beats(run, dataset, "stl", "mtfl", f"STL over MTFL on {title}"),
        ]

    found = [_with_authors(run, dataset, parts) for dataset in paper.COLUMNS["table2"].values()]
    return sorted(sum(found, []), key=lambda part: not part.counts)


def _faster(run):
    name = title_of(run, "synthetic")
    missing = run.missing("synthetic", "amtl", "amtl-curriculum")
    times = None if missing else run.time_ratio("synthetic", "amtl", "amtl-curriculum")
    part = judge(name, times, holds_above=1.0)
    if times is None or times.half is None:
        return [untested(name, missing or (part.note if times else "no times on a common split"))]
    # Times vary from run to run, so the ratio is not shown.
    return [Part(name, part.outcome, note="the ratio is in the table Runtime", n=times.n)]


# --- single tasks -------------------------------------------------------------------------------------------


def _by_task(run, dataset, wanted, intervals, rule, unit, tasks):
    """Return a part per method: its worst task, and the outcome and note that `rule` gives.

    wanted : {method: what is claimed}. intervals : function (method) -> {task: Interval}.
    rule : function (method, {task: Interval}) -> (whether it holds, whether it contradicts, note).
    """
    parts = []
    for method, text in wanted.items():
        name = f"{run.title(method)} {text}"
        missing = run.missing(dataset, method, "stl")
        found = {} if missing else intervals(method)
        if not found or any(each.half is None for each in found.values()):
            parts.append(untested(name, missing or (ONE_SPLIT if found else f"no errors of single {tasks}")))
            continue
        holds, contradicts, note = rule(method, found)
        worst = min(found.values(), key=lambda each: each.mean)
        parts.append(Part(name, outcome_of(holds, contradicts), worst, unit, note))
    return parts


def _degraded_tasks(run):
    def gains(method):
        found = run.gains_by_task("synthetic", method, "stl")
        return {task: interval(gain.values(), run.interval) for task, gain in found.items() if gain}

    def rule(method, found):
        degraded = [task for task, each in found.items() if each.mean < -MUCH and each.high < 0.0]
        several, none = len(degraded) >= SEVERAL, not degraded
        note = f"tasks degraded by much: {', '.join(degraded) or 'none'}"
        return (several, none, note) if method == "go-mtl" else (none, several, note)

    wanted = {"go-mtl": "degrades several", "amtl": "degrades none"}
    return _by_task(run, "synthetic", wanted, gains, rule, "%", "tasks")


def _improved_classes(run):
    def rule(method, found):
        up = sum(each.low > 0.0 for each in found.values())
        down = sum(each.high < 0.0 for each in found.values())
        note = f"of {len(found)} classes {up} improved, {down} degraded"
        if method == "amtl":
            return up == len(found), down > 0, note
        return up > 0 and down > 0, len(found) in (up, down), note

    wanted = {"amtl": "improves every class", "go-mtl": "improves some and degrades others"}
    reductions = partial(run.task_reductions, "mnist", baseline="stl")
    return _by_task(run, "mnist", wanted, reductions, rule, "points", "classes")


# --- graphs and orders --------------------------------------------------------------------------------------


def _over_splits(run, dataset, method, measure):
    """Return the Interval of ``100 * measure(fit)`` over the fits for which it is not None."""
    values = [measure(fit) for fit in run.fits(dataset, method).values()]
    values = [100.0 * value for value in values if value is not None]
    return interval(values, run.interval) if values else None


def _graph_part(run, dataset, method, name, measure, **bounds):
    missing = run.missing(dataset, method, fits=[method])
    if missing:
        return untested(name, missing)
    return judge(name, _over_splits(run, dataset, method, measure), **bounds)


def _synthetic_graph(run, measure, **bounds):
    """Return the parts that `measure` of AMTL's graph on Synthetic exceeds a bound."""

    def parts(dataset):
        return [_graph_part(run, dataset, "amtl", title_of(run, dataset), measure, **bounds)]

    return _with_authors(run, "synthetic", parts)


def _easy_to_hard(run):
    def measure(fit):
        return graphs.direction(fit["B"], ~HARD[:, None] & HARD[None, :])

    return _synthetic_graph(run, measure, holds_above=2 * NEARLY_ALL - 100.0, contradicts_below=0.0)


def _within_groups(run):
    same = GROUP[:, None] == GROUP[None, :]
    chance = 100.0 * (same.sum() - len(GROUP)) / (same.size - len(GROUP))
    bounds = {"holds_above": NEARLY_ALL, "contradicts_below": chance}
    return _synthetic_graph(run, lambda fit: graphs.share(fit["B"], same), **bounds)


def _curriculum(run):
    dataset, method = "synthetic", "amtl-curriculum"
    names = ("easy tasks first", "early tasks neither gain nor lose", "late tasks gain")
    missing = run.missing(dataset, method, "stl", fits=[method])
    if missing:
        return [untested(name, missing) for name in names]
    half = len(HARD) // 2
    early, late = (_gain_in_order(run, dataset, method, x) for x in (slice(half), slice(half, None)))
    order = _over_splits(run, dataset, method, _easy_first)
    unchanged = judge(names[1], early)
    if unchanged.outcome != UNTESTED:
        # An interval on either side of zero contradicts.
        unchanged = replace(unchanged, outcome=HOLDS if unchanged.outcome == INCONCLUSIVE else CONTRADICTS)
    first = judge(names[0], order, holds_above=NEARLY_ALL, contradicts_below=50.0)
    return [first, unchanged, judge(names[2], late)]


def _easy_first(fit):
    """Return the share of (easy, hard) pairs of which the easy one was trained first."""
    position = np.argsort(fit["order"])
    return float(np.mean(position[~HARD][:, None] < position[HARD][None, :]))


def _gain_in_order(run, dataset, method, places):
    """Return the Interval of the mean gain over STL, in %, of the tasks at `places` of the training order."""
    gains = list(run.gains_by_task(dataset, method, "stl").values())
    rows = [
        np.mean([gains[t][k] for t in fit["order"][places]])
        for k, fit in run.fits(dataset, method).items()
        if all(k in gain for gain in gains)
    ]
    return interval(rows, run.interval) if rows else None


def _rising_loss(run):
    def measure(fit):
        losses = fit["losses"]
        return graphs.direction(fit["B"], losses[:, None] < losses[None, :])

    parts = [
        _graph_part(run, "mnist", method, f"rising loss in the graph of {run.title(method)}", measure)
        for method in GRAPH_METHODS
    ]
    name = f"no cycle in the graph of {run.title('amtl-curriculum')}"
    missing = run.missing("mnist", fits=["amtl-curriculum"])
    if missing:
        return [*parts, untested(name, missing)]
    found = _over_splits(run, "mnist", "amtl-curriculum", lambda fit: float(graphs.is_acyclic(fit["B"])))
    return [*parts, Part(name, HOLDS if found.mean == 100.0 else CONTRADICTS, found)]


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
    details = [_detail(_theorem_part(run, title_of(run, each), found)) for each, found in shares.items()]
    return [_theorem_part(run, name, sum(shares.values(), []), note), *details]


def _theorem_part(run, name, shares, note=""):
    """Return the part for the shares, in %, of pairs that satisfy the theorem, one per fit."""
    mean = sum(shares) / len(shares)
    outcome = outcome_of(min(shares) == 100.0, mean < 50.0)
    return Part(name, outcome, interval(shares, run.interval), note=note)


# --- the claims ---------------------------------------------------------------------------------------------

GAIN = "lower error, in % of the other method's mean error"

CLAIMS = (
    Claim(
        "C1",
        "4.1, Table 1",
        "AMTL has the lowest RMSE of all nine methods on Synthetic.",
        f"AMTL over the best of the others: {GAIN}",
        "Reproduced if AMTL beats each of the other methods; opposite if the method with the lowest mean "
        "error beats AMTL.",
        lambda run: _with_authors(run, "synthetic", lambda dataset: [is_best(run, dataset, "amtl")]),
    ),
    Claim(
        "C2",
        "4.1, Figure 1c",
        "Edge mass goes from easy to hard tasks, not back (Synthetic).",
        "of AMTL's edge weight between easy and hard tasks, the share easy → hard minus the share hard → "
        "easy",
        f"Reproduced if the interval lies above {2 * NEARLY_ALL - 100:.0f} %, that is if more than "
        f"{NEARLY_ALL:.0f} % goes to hard tasks; opposite if it lies below 0. A split without such edges "
        "counts as 0.",
        _easy_to_hard,
    ),
    Claim(
        "C3",
        "Figure 1c",
        "Edges stay within the two groups (Synthetic).",
        "share of AMTL's edge weight within the groups",
        f"Reproduced if the interval lies above {NEARLY_ALL:.0f} %; opposite if it lies below 5/11 = 45 %, "
        "the share of possible edges within a group. Splits without edges do not count.",
        _within_groups,
    ),
    Claim(
        "C4",
        "Figure 1d",
        "GO-MTL degrades several tasks by much; AMTL degrades none by much (Synthetic).",
        "gain over STL of the task that loses most, in % of STL's mean RMSE on it",
        f"By much: the mean loss exceeds {MUCH:.0f} % of STL's RMSE on the task and the interval excludes "
        f"zero. GO-MTL's part holds with {SEVERAL} or more such tasks and contradicts with none; AMTL's part "
        f"holds with none and contradicts with {SEVERAL} or more.",
        _degraded_tasks,
    ),
    Claim(
        "C5",
        "Figure 1e",
        "The curriculum picks the easy tasks first; early tasks neither gain nor lose, late ones gain "
        "(Synthetic).",
        "share of pairs of an easy and a hard task with the easy one trained first; mean gain over STL, in % "
        "of STL's RMSE, of the first and of the second half of the order",
        f"Easy first: the interval lies above {NEARLY_ALL:.0f} % (contradicts: below 50 %). Early: the "
        "interval contains zero (contradicts: it does not), which is easy to satisfy with few splits. Late: "
        "the interval lies above zero.",
        _curriculum,
    ),
    Claim(
        "C6",
        "Table 1",
        "SMTL and AMTL-noLoss do not improve on STL on Synthetic.",
        f"STL over each: {GAIN}",
        "A part holds if the method does not beat STL, that is if the interval contains zero or lies above "
        "it, which is easy to satisfy with few splits; it contradicts if the method beats STL.",
        _no_better_than_stl,
    ),
    Claim(
        "C7",
        "4.1",
        "AMTL-Curriculum is faster than AMTL (Synthetic; 21.7 times in the paper).",
        "ratio of the seconds of AMTL to those of AMTL-Curriculum, whole job, split by split; times vary "
        "from run to run, so the number is in the table Runtime",
        "Reproduced if the interval of the ratio lies above 1, opposite if below.",
        _faster,
    ),
    Claim(
        "C8",
        "4.2, Table 1",
        "AMTL and AMTL-Curriculum beat STL on every dataset.",
        f"each over STL: {GAIN}",
        "One part per method and dataset of Table 1: the method beats STL.",
        _beat_stl,
    ),
    Claim(
        "C9",
        "Table 1",
        "AMTL is best on MNIST, USPS and AWA.",
        f"AMTL over the best of the others: {GAIN}",
        "One part per dataset: AMTL beats each of the other methods of Table 1 (contradicts: the method with "
        "the lowest mean error beats AMTL).",
        lambda run: [is_best(run, dataset, "amtl") for dataset in ("mnist", "usps", "awa")],
    ),
    Claim(
        "C10",
        "4.2, Table 1",
        "GO-MTL beats AMTL on School.",
        f"GO-MTL over AMTL: {GAIN}",
        "Reproduced if GO-MTL beats AMTL, opposite if AMTL beats GO-MTL.",
        lambda run: [beats(run, "school", "go-mtl", "amtl")],
    ),
    Claim(
        "C11",
        "4.2, Table 1",
        "AMTL is slightly better than AMTL-Curriculum on every dataset.",
        f"AMTL over AMTL-Curriculum: {GAIN}",
        "One part per dataset of Table 1: AMTL beats AMTL-Curriculum. The size of the gain is not judged.",
        _slightly_better,
    ),
    Claim(
        "C12",
        "Table 1",
        "MTFL, GO-MTL and SC-MTL lose to STL on AWA.",
        f"STL over each: {GAIN}",
        "One part per method: STL beats it.",
        lambda run: _over_stl(run, "awa", ("mtfl", "go-mtl", "sc-mtl")),
    ),
    Claim(
        "C13",
        "Figure 2",
        "On MNIST AMTL improves every class; GO-MTL improves some and degrades others.",
        "error of STL minus the method's on the class that gains least, in percentage points",
        "A class is improved if its interval lies above zero, degraded if below. AMTL's part holds if all "
        "classes are improved and contradicts if one is degraded. GO-MTL's part holds if at least one class "
        "is improved and one degraded, and contradicts if all are improved or all degraded.",
        _improved_classes,
    ),
    Claim(
        "C14",
        "Figure 3",
        "On MNIST edges go from low-loss to high-loss tasks; the curriculum's graph has no cycle.",
        "share of edge weight from lower to higher training loss minus the share back; share of splits "
        "without a cycle",
        "Edges: the interval lies above zero, for AMTL and for AMTL-Curriculum. No cycle: in no split (by "
        "construction of the method).",
        _rising_loss,
    ),
    Claim(
        "C15",
        "4.3, Table 2",
        "On imbalanced data AMTL beats STL, AMTL-imbalanced is best, GO-MTL and MTFL lose to STL.",
        f"the first named over the second or over the best of the others: {GAIN}",
        "Four parts per dataset of Table 2: AMTL beats STL; AMTL-imbalanced beats each of the other methods "
        "of Table 2 (contradicts: the method with the lowest mean error beats it); STL beats GO-MTL; STL "
        "beats MTFL.",
        _imbalanced,
    ),
    Claim(
        "C16",
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
)
