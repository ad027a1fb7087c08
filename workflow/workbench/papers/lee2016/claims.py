"""The claims of Lee, Yang and Hwang (2016), each with the rule that turns a run's results into a verdict.

The sign of an effect is chosen so that larger speaks for the claim. Rules common to all claims are in
`workbench.papers.verdicts`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

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
        methods = [each.name for each in run.methods if each.method == "amtl"]
        if dataset.name in GRAPH_DATASETS:
            methods += [each.name for each in run.methods if each.name in GRAPH_METHODS]
        by_method = {name: run.splits_of(dataset.name, name) for name in methods}
        found[dataset.name] = {name: splits for name, splits in by_method.items() if splits}
    return {dataset: by_method for dataset, by_method in found.items() if by_method}


def title_of(run, dataset):
    """Return the paper's column as a short title, or the title of a dataset that has none."""
    if dataset == "imbalanced":
        return "imbalanced Synthetic"
    columns = {name: column for table in paper.COLUMNS.values() for column, name in table.items()}
    return columns.get(dataset) or run.title(dataset)


def beats(run, dataset, winner, loser, name=None):
    """Return the part that `winner` has a lower error than `loser`, in % of the loser's mean error."""
    name = name or f"{run.title(winner)} over {run.title(loser)} on {title_of(run, dataset)}"
    missing = run.missing(dataset, winner, loser)
    return untested(name, missing) if missing else judge(name, run.gain(dataset, winner, loser))


def is_best(run, dataset, method, rivals, name=None):
    """Return the part that `method` beats every one of `rivals`.

    The effect is the gain over the rival with the lowest mean error; the part contradicts if that rival beats
    the method.
    """
    name = name or f"{run.title(method)} on {title_of(run, dataset)}"
    missing = run.missing(dataset, method)
    if missing:
        return untested(name, missing)
    absent = [rival for rival in rivals if run.missing(dataset, rival)]
    found = {rival: run.gain(dataset, method, rival) for rival in rivals if rival not in absent}
    found = {rival: gain for rival, gain in found.items() if gain is not None}
    if not found:
        return untested(name, "none of the other methods was run")
    closest = min(found, key=lambda rival: (found[rival].mean, rivals.index(rival)))
    part = judge(f"{name} over {run.title(closest)}", found[closest])
    notes = []
    if part.outcome == HOLDS:
        unsure = [rival for rival, gain in found.items() if gain.half is None or gain.low <= 0.0]
        if unsure:
            part = replace(part, outcome=INCONCLUSIVE)
            notes.append(f"inconclusive over {_list(map(run.title, unsure))}")
    if absent and part.outcome != UNTESTED:
        notes.append(f"without {_list(map(run.title, absent))}")
    if part.note:
        notes.append(part.note)
    return replace(part, note="; ".join(notes))


def _list(names):
    return ", ".join(names)


def _detail(part):
    """Return the part as a detail that does not count for the verdict."""
    return replace(part, counts=False)


def _with_authors(run, dataset, make):
    """Return the part of `dataset` and, as a detail, that of the authors' released files, if any."""
    authors = f"{dataset}-authors"
    parts = [make(dataset)]
    return parts + ([_detail(make(authors))] if run.has(authors) else [])


# --- graphs and tasks ---------------------------------------------------------------------------------------


def _over_splits(run, dataset, method, measure):
    """Return the Interval of ``100 * measure(fit)`` over the fits for which it is not None."""
    values = [measure(fit) for fit in run.fits(dataset, method).values()]
    values = [100.0 * value for value in values if value is not None]
    return interval(values, run.interval) if values else None


def _graph_part(run, dataset, method, name, measure, **bounds):
    missing = run.missing(dataset, method) or run.missing_fits(dataset, method)
    if missing:
        return untested(name, missing)
    return judge(name, _over_splits(run, dataset, method, measure), **bounds)


def _easy_to_hard(fit):
    return graphs.direction(fit["B"], ~HARD[:, None] & HARD[None, :])


def _within_groups(fit):
    return graphs.share(fit["B"], GROUP[:, None] == GROUP[None, :])


def _rising_loss(run, dataset, method):
    def measure(fit):
        losses = fit["losses"]
        return graphs.direction(fit["B"], losses[:, None] < losses[None, :])

    name = f"rising loss in the graph of {run.title(method)}"
    return _graph_part(run, dataset, method, name, measure)


def _easy_first(fit):
    """Return the share of (easy, hard) pairs of which the easy one was trained first."""
    position = np.argsort(fit["order"])
    return float(np.mean(position[~HARD][:, None] < position[HARD][None, :]))


def _gain_in_order(run, dataset, method, places):
    """Return the Interval of the mean gain over STL, in %, of the tasks at `places` of the training order."""
    fits = run.fits(dataset, method)
    tasks, gains = run.gains_by_task(dataset, method, "stl")
    rows = [
        np.mean([gains[tasks[t]][k] for t in fit["order"][places]])
        for k, fit in fits.items()
        if all(k in gain for gain in gains.values())
    ]
    return interval(rows, run.interval) if rows else None


def _task_intervals(run, dataset, method):
    """Return {task: Interval} of the gain over STL in % of STL's mean error on the task."""
    _, gains = run.gains_by_task(dataset, method, "stl")
    return {task: interval(gain.values(), run.interval) for task, gain in gains.items() if gain}


# --- the claims ---------------------------------------------------------------------------------------------


def _c1(run):
    rivals = [method for method in paper.TABLES["table1"]["Synthetic"] if method != "amtl"]
    return _with_authors(run, "synthetic", lambda dataset: is_best(run, dataset, "amtl", rivals))


def _synthetic_graph(run, measure, **bounds):
    """Return the parts that `measure` of AMTL's graph on Synthetic exceeds a bound."""
    return _with_authors(
        run,
        "synthetic",
        lambda dataset: _graph_part(run, dataset, "amtl", title_of(run, dataset), measure, **bounds),
    )


def _c2(run):
    return _synthetic_graph(run, _easy_to_hard, holds_above=2 * NEARLY_ALL - 100.0, contradicts_below=0.0)


def _c3(run):
    same = GROUP[:, None] == GROUP[None, :]
    chance = 100.0 * (same.sum() - len(GROUP)) / (same.size - len(GROUP))
    return _synthetic_graph(run, _within_groups, holds_above=NEARLY_ALL, contradicts_below=chance)


def _c4(run):
    parts = []
    for method, wanted in (("go-mtl", "degrades several"), ("amtl", "degrades none")):
        name = f"{run.title(method)} {wanted}"
        missing = run.missing("synthetic", method, "stl")
        if missing:
            parts.append(untested(name, missing))
            continue
        found = _task_intervals(run, "synthetic", method)
        worst = min(found.values(), key=lambda each: each.mean, default=None)
        if worst is None or worst.half is None:
            parts.append(untested(name, ONE_SPLIT if worst else "no errors of single tasks"))
            continue
        degraded = [task for task, each in found.items() if each.mean < -MUCH and each.high < 0.0]
        note = f"tasks degraded by much: {_list(degraded) or 'none'}"
        many, none = len(degraded) >= SEVERAL, not degraded
        holds, against = (many, none) if method == "go-mtl" else (none, many)
        outcome = HOLDS if holds else CONTRADICTS if against else INCONCLUSIVE
        parts.append(Part(name, outcome, worst, note=note))
    return parts


def _c5(run):
    dataset, method = "synthetic", "amtl-curriculum"
    names = ("easy tasks first", "early tasks neither gain nor lose", "late tasks gain")
    missing = run.missing(dataset, method, "stl") or run.missing_fits(dataset, method)
    if missing:
        return [untested(name, missing) for name in names]
    half = len(HARD) // 2
    order = _over_splits(run, dataset, method, _easy_first)
    early = _gain_in_order(run, dataset, method, slice(half))
    late = _gain_in_order(run, dataset, method, slice(half, None))
    first = judge(names[0], order, holds_above=NEARLY_ALL, contradicts_below=50.0)
    unchanged = judge(names[1], early)
    if unchanged.outcome != UNTESTED:
        # An interval on either side of zero contradicts.
        unchanged = replace(unchanged, outcome=HOLDS if unchanged.outcome == INCONCLUSIVE else CONTRADICTS)
    return [first, unchanged, judge(names[2], late)]


def _c6(run):
    parts = []
    for method in ("smtl", "amtl-noloss"):
        part = beats(run, "synthetic", "stl", method, f"STL over {run.title(method)}")
        # An inconclusive difference is no improvement on STL either.
        parts.append(replace(part, outcome=HOLDS) if part.outcome == INCONCLUSIVE else part)
    return parts


def _c7(run):
    name = title_of(run, "synthetic")
    missing = run.missing("synthetic", "amtl", "amtl-curriculum")
    times = None if missing else run.time_ratio("synthetic", "amtl", "amtl-curriculum")
    if times is None:
        return [untested(name, missing or "no times on a common split")]
    if times.half is None:
        return [untested(name, ONE_SPLIT)]
    outcome = HOLDS if times.low > 1.0 else CONTRADICTS if times.high < 1.0 else INCONCLUSIVE
    return [Part(name, outcome, note="the ratio is in the table Runtime", n=times.n)]


def _c8(run):
    return [
        beats(run, dataset, method, "stl", f"{run.title(method)} on {title_of(run, dataset)}")
        for method in ("amtl", "amtl-curriculum")
        for dataset in paper.COLUMNS["table1"].values()
    ]


def _c9(run):
    parts = []
    for column in ("MNIST", "USPS", "AWA"):
        rivals = [method for method in paper.TABLES["table1"][column] if method != "amtl"]
        parts.append(is_best(run, paper.COLUMNS["table1"][column], "amtl", rivals))
    return parts


def _c10(run):
    return [beats(run, "school", "go-mtl", "amtl")]


def _c11(run):
    return [
        beats(run, dataset, "amtl", "amtl-curriculum", title_of(run, dataset))
        for dataset in paper.COLUMNS["table1"].values()
    ]


def _c12(run):
    return [
        beats(run, "awa", "stl", method, f"STL over {run.title(method)}")
        for method in ("mtfl", "go-mtl", "sc-mtl")
    ]


def _c13(run):
    parts = []
    for method, wanted in (("amtl", "improves every class"), ("go-mtl", "improves some and degrades others")):
        name = f"{run.title(method)} {wanted}"
        missing = run.missing("mnist", method, "stl")
        found = {} if missing else run.task_reductions("mnist", method, "stl")
        if not found or any(each.half is None for each in found.values()):
            parts.append(untested(name, missing or (ONE_SPLIT if found else "no errors of single classes")))
            continue
        up = [task for task, each in found.items() if each.low > 0.0]
        down = [task for task, each in found.items() if each.high < 0.0]
        note = f"of {len(found)} classes {len(up)} improved, {len(down)} degraded"
        if method == "amtl":
            outcome = HOLDS if len(up) == len(found) else CONTRADICTS if down else INCONCLUSIVE
        else:
            one_sided = len(found) in (len(up), len(down))
            outcome = HOLDS if up and down else CONTRADICTS if one_sided else INCONCLUSIVE
        worst = min(found.values(), key=lambda each: each.mean)
        parts.append(Part(name, outcome, worst, "points", note))
    return parts


def _c14(run):
    parts = [_rising_loss(run, "mnist", method) for method in ("amtl", "amtl-curriculum")]
    name = f"no cycle in the graph of {run.title('amtl-curriculum')}"
    missing = run.missing_fits("mnist", "amtl-curriculum")
    if missing:
        return [*parts, untested(name, missing)]
    found = _over_splits(run, "mnist", "amtl-curriculum", lambda fit: float(graphs.is_acyclic(fit["B"])))
    return [*parts, Part(name, HOLDS if found.mean == 100.0 else CONTRADICTS, found)]


def _c15(run):
    parts = []
    for column, dataset in paper.COLUMNS["table2"].items():
        parts += _imbalanced(run, dataset, "imbalanced Synthetic" if column == "Synthetic" else column)
    if run.has("imbalanced-authors"):
        parts += map(_detail, _imbalanced(run, "imbalanced-authors", "the authors' files"))
    return parts


def _imbalanced(run, dataset, title):
    """Return the four parts of C15 on `dataset`."""
    rivals = [method for method in paper.TABLES["table2"]["Synthetic"] if method != "amtl-imbalanced"]
    return [
        beats(run, dataset, "amtl", "stl", f"AMTL over STL on {title}"),
        is_best(run, dataset, "amtl-imbalanced", rivals, f"AMTL-imbalanced best on {title}"),
        beats(run, dataset, "stl", "go-mtl", f"STL over GO-MTL on {title}"),
        beats(run, dataset, "stl", "mtfl", f"STL over MTFL on {title}"),
    ]


def _c16(run):
    shares, details, pairs, by_loss, left_out = [], [], 0, 0, 0
    for dataset in run.datasets:
        here = []
        for method in run.entries_of("amtl"):
            for fit in run.fits(dataset, method).values():
                if not fit["converged"] or fit["delta"] != "train":
                    left_out += 1
                    continue
                counted, satisfied, alone = graphs.theorem_pairs(fit["penalized_W"], fit["B"], fit["losses"])
                if counted:
                    here.append(100.0 * satisfied / counted)
                    pairs, by_loss = pairs + counted, by_loss + alone
        if here:
            effect = interval(here, run.interval)
            details.append(Part(title_of(run, dataset), _theorem_outcome(here), effect, counts=False))
        shares += here
    name = "all datasets of the run"
    if not shares:
        return [untested(name, "no converged fit of AMTL with edges")]
    note = f"{pairs:,} pairs, in {100.0 * by_loss / pairs:.0f} % of them by the loss alone"
    note += f"; {left_out} fits excluded" if left_out else ""
    return [Part(name, _theorem_outcome(shares), interval(shares, run.interval), note=note), *details]


def _theorem_outcome(shares):
    """Return the outcome for the shares, in %, of pairs that satisfy the theorem, one per fit."""
    mean = sum(shares) / len(shares)
    return HOLDS if min(shares) == 100.0 else CONTRADICTS if mean < 50.0 else INCONCLUSIVE


GAIN = "lower error, in % of the other method's mean error"

CLAIMS = (
    Claim(
        "C1",
        "4.1, Table 1",
        "AMTL has the lowest RMSE of all nine methods on Synthetic.",
        f"AMTL over the best of the others: {GAIN}",
        "Reproduced if AMTL beats each of the other methods; opposite if the method with the lowest mean "
        "error beats AMTL.",
        _c1,
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
        _c2,
    ),
    Claim(
        "C3",
        "Figure 1c",
        "Edges stay within the two groups (Synthetic).",
        "share of AMTL's edge weight within the groups",
        f"Reproduced if the interval lies above {NEARLY_ALL:.0f} %; opposite if it lies below 5/11 = 45 %, "
        "the share of possible edges within a group. Splits without edges do not count.",
        _c3,
    ),
    Claim(
        "C4",
        "Figure 1d",
        "GO-MTL degrades several tasks by much; AMTL degrades none by much (Synthetic).",
        "gain over STL of the task that loses most, in % of STL's mean RMSE on it",
        f"By much: the mean loss exceeds {MUCH:.0f} % of STL's RMSE on the task and the interval excludes "
        f"zero. GO-MTL's part holds with {SEVERAL} or more such tasks and contradicts with none; AMTL's part "
        f"holds with none and contradicts with {SEVERAL} or more.",
        _c4,
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
        _c5,
    ),
    Claim(
        "C6",
        "Table 1",
        "SMTL and AMTL-noLoss do not improve on STL on Synthetic.",
        f"STL over each: {GAIN}",
        "A part holds if the method does not beat STL, that is if the interval contains zero or lies above "
        "it, which is easy to satisfy with few splits; it contradicts if the method beats STL.",
        _c6,
    ),
    Claim(
        "C7",
        "4.1",
        "AMTL-Curriculum is faster than AMTL (Synthetic; 21.7 times in the paper).",
        "ratio of the seconds of AMTL to those of AMTL-Curriculum, whole job, split by split; times vary "
        "from run to run, so the number is in the table Runtime",
        "Reproduced if the interval of the ratio lies above 1, opposite if below.",
        _c7,
    ),
    Claim(
        "C8",
        "4.2, Table 1",
        "AMTL and AMTL-Curriculum beat STL on every dataset.",
        f"each over STL: {GAIN}",
        "One part per method and dataset of Table 1: the method beats STL.",
        _c8,
    ),
    Claim(
        "C9",
        "Table 1",
        "AMTL is best on MNIST, USPS and AWA.",
        f"AMTL over the best of the others: {GAIN}",
        "One part per dataset: AMTL beats each of the other methods of Table 1 (contradicts: the method with "
        "the lowest mean error beats AMTL).",
        _c9,
    ),
    Claim(
        "C10",
        "4.2, Table 1",
        "GO-MTL beats AMTL on School.",
        f"GO-MTL over AMTL: {GAIN}",
        "Reproduced if GO-MTL beats AMTL, opposite if AMTL beats GO-MTL.",
        _c10,
    ),
    Claim(
        "C11",
        "4.2, Table 1",
        "AMTL is slightly better than AMTL-Curriculum on every dataset.",
        f"AMTL over AMTL-Curriculum: {GAIN}",
        "One part per dataset of Table 1: AMTL beats AMTL-Curriculum. The size of the gain is not judged.",
        _c11,
    ),
    Claim(
        "C12",
        "Table 1",
        "MTFL, GO-MTL and SC-MTL lose to STL on AWA.",
        f"STL over each: {GAIN}",
        "One part per method: STL beats it.",
        _c12,
    ),
    Claim(
        "C13",
        "Figure 2",
        "On MNIST AMTL improves every class; GO-MTL improves some and degrades others.",
        "error of STL minus the method's on the class that gains least, in percentage points",
        "A class is improved if its interval lies above zero, degraded if below. AMTL's part holds if all "
        "classes are improved and contradicts if one is degraded. GO-MTL's part holds if at least one class "
        "is improved and one degraded, and contradicts if all are improved or all degraded.",
        _c13,
    ),
    Claim(
        "C14",
        "Figure 3",
        "On MNIST edges go from low-loss to high-loss tasks; the curriculum's graph has no cycle.",
        "share of edge weight from lower to higher training loss minus the share back; share of splits "
        "without a cycle",
        "Edges: the interval lies above zero, for AMTL and for AMTL-Curriculum. No cycle: in no split (by "
        "construction of the method).",
        _c14,
    ),
    Claim(
        "C15",
        "4.3, Table 2",
        "On imbalanced data AMTL beats STL, AMTL-imbalanced is best, GO-MTL and MTFL lose to STL.",
        f"the first named over the second or over the best of the others: {GAIN}",
        "Four parts per dataset of Table 2: AMTL beats STL; AMTL-imbalanced beats each of the other methods "
        "of Table 2 (contradicts: the method with the lowest mean error beats it); STL beats GO-MTL; STL "
        "beats MTFL.",
        _c15,
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
        _c16,
    ),
)
