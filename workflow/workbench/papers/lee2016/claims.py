"""The claims of Lee, Yang and Hwang (2016), each with the statement that a run's results are tested for.

The sign of an effect is chosen so that larger speaks for the claim, but for claims of no effect. Rules common
to all claims are in `workbench.papers.verdicts`. A test is a function (`Results`, dataset, ...) -> `Part`; it
names the paper's methods, and `on_papers_objective` decides which entries of the run they stand for.
docs/claims.md gives the reasons for the bounds.
"""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np

from amtl import graph_measures as graphs
from amtl.datasets import two_groups
from amtl.statistics import holm_threshold
from workbench.papers import verdicts
from workbench.papers.hypotheses import above, at_least, every, some, unsupported, within
from workbench.papers.lee2016 import numbers as paper
from workbench.papers.lee2016.departures import PAPERS_OBJECTIVE
from workbench.papers.verdicts import Claim, Part, judge, untested

# A task is degraded by much if it loses more than this, in % of STL's error on it.
MUCH = 5.0
# A gain or loss below this, in %, is no effect: the margin of the tests of equivalence. It is the loss above
# which the table of transfer counts a task as worse, and less than each gain over STL in Table 1 of AMTL and
# AMTL-Curriculum, the smallest of which is 1.7 %.
NEGLIGIBLE = 1.0
# A share above this, in %, is nearly all.
NEARLY_ALL = 90.0
# The same bound for the share of edge weight that goes one way minus the share that goes back.
NEARLY_ALL_ONE_WAY = 2 * NEARLY_ALL - 100.0
# At least this many tasks are several.
SEVERAL = 2
# The datasets on which claims read the graphs of these two methods.
GRAPH_DATASETS = ("synthetic", "synthetic-authors", "mnist")
GRAPH_METHODS = ("amtl", "amtl-curriculum")

TABLE1 = paper.COLUMNS["table1"].values()
# The paper's column of each dataset, as a short title.
TITLES = {name: column for columns in paper.COLUMNS.values() for column, name in columns.items()}
TITLES["imbalanced"] = "imbalanced Synthetic"

OBJECTIVE_RULE = (
    "Claims are judged on the paper's objective: where the run has the entries with ridge 0 "
    f"({', '.join(PAPERS_OBJECTIVE.values())}), they stand for their methods. The same test with the default "
    "ridge is a detail of the evidence. Where such an entry is missing, the default ridge is judged, and the "
    "reason says so."
)

HARD = np.array(two_groups.DIFFICULTY) == "hard"
SAME_GROUP = np.equal.outer(two_groups.GROUP, two_groups.GROUP)


def fits_read(run):
    """Return {dataset: {method: split numbers}} of the fits that the claims read; run : the `RunInfo`."""
    entries = [*GRAPH_METHODS, *(PAPERS_OBJECTIVE[m] for m in GRAPH_METHODS if m in PAPERS_OBJECTIVE)]
    places = {
        dataset.name: {entry: run.splits_of(dataset.name, entry) for entry in entries}
        for dataset in run.datasets
        if dataset.name in GRAPH_DATASETS
    }
    places = {name: {m: splits for m, splits in found.items() if splits} for name, found in places.items()}
    return {name: found for name, found in places.items() if found}


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
                found = on_papers_objective(partial(test, **keywords), run, dataset, *facts)
                parts += [replace(part, counts=part.counts and not detail) for part in found]
        return parts

    return examine


def on_papers_objective(test, run, *facts):
    """Return the part that `test` gives on the paper's objective and, if it differs, that of the defaults.

    The second part is a detail. Caveats name the methods whose default had to be judged, and the entries with
    fits that did not converge.
    """
    results = run.with_entries(PAPERS_OBJECTIVE)
    part = test(results, *facts)
    replaced, caveats = False, []
    for (dataset, method), entry in list(results.read.items()):
        if entry != method:
            replaced = True
            if not results.converged(dataset, method):
                caveats.append(f"{run.title(entry)}: fits that did not converge")
        elif method in PAPERS_OBJECTIVE and not results.missing(dataset, method):
            caveats.append(f"{run.title(method)} with the default ridge ({PAPERS_OBJECTIVE[method]} not run)")
    parts = [replace(part, caveats=tuple(caveats))]
    if replaced:
        default = test(run, *facts)
        parts.append(replace(default, name=f"{default.name}, default ridge", counts=False))
    return parts


def as_details(examine):
    """Return the function (run) -> the parts of `examine` that have an effect, as details."""
    return lambda run: [replace(part, counts=False) for part in examine(run) if part.effect is not None]


def joined(*examinations):
    """Return the function (run) -> the parts of all `examinations`."""
    return lambda run: [part for examine in examinations for part in examine(run)]


# --- comparisons of methods ---------------------------------------------------------------------------------


def beats(run, dataset, winner, loser, name="{winner} over {loser} on {dataset}", **tested):
    """Return the part that `winner` has a lower error than `loser`, in % of the loser's mean error.

    name : of the part. tested : `statement` and `bound` of `judge`, where the claim is another.
    """
    name = name.format(winner=run.title(winner), loser=run.title(loser), dataset=title_of(run, dataset))
    missing = run.missing(dataset, winner, loser)
    if missing:
        return untested(name, missing)
    return judge(name, run.gain(dataset, winner, loser), **tested)


def is_best(run, dataset, method, name="{method} on {dataset}"):
    """Return the part that `method` beats every other method of the paper's table.

    The effect is the gain over the rival with the lowest mean error. Without some rival the part cannot be
    reproduced.
    """
    name = name.format(method=run.title(method), dataset=title_of(run, dataset))
    missing = run.missing(dataset, method)
    if missing:
        return untested(name, missing)
    table, column, _ = paper.place(dataset)
    rivals = [rival for rival in paper.TABLES[table][column] if rival != method]
    found = {rival: gain for rival in rivals if (gain := run.gain(dataset, method, rival)) is not None}
    if not found:
        return untested(name, "none of the other methods was run")
    closest = min(found, key=lambda rival: found[rival].mean)
    name += f" over {run.title(closest)}"
    if any(gain.half is None for gain in found.values()):
        return untested(name, verdicts.ONE_SPLIT, found[closest])
    statements = {rival: above(gain, 0.0) for rival, gain in found.items()}
    beaten_by = _true(run, {rival: ~each for rival, each in statements.items()})
    unsure = [
        run.title(rival)
        for rival, each in statements.items()
        if each.support.p > verdicts.LEVEL and run.title(rival) not in beaten_by
    ]
    absent = [run.title(rival) for rival in rivals if rival not in found]
    notes = {"beaten by": beaten_by, "inconclusive over": unsure, "without": absent}
    statement = every(list(statements.values()))
    return Part(
        name,
        unsupported(statement) if absent else statement,
        found[closest],
        note="; ".join(f"{text} {', '.join(names)}" for text, names in notes.items() if names),
    )


def _true(run, statements):
    """Return the titles of those of `statements` {name: Statement} that Holm's method supports."""
    threshold = holm_threshold([each.support.p for each in statements.values()], verdicts.LEVEL)
    return [run.title(name) for name, each in statements.items() if each.support.p <= threshold]


def is_faster(run, dataset, fast, slow):
    """Return the part that the seconds of `slow` exceed those of `fast`, split by split."""
    name, missing = title_of(run, dataset), run.missing(dataset, slow, fast)
    times = None if missing else run.time_ratio(dataset, slow, fast)
    if times is None:
        return untested(name, missing or "no times on a common split")
    part = judge(name, times, bound=1.0, unit="times")
    seconds = paper.RUNTIME[paper.place(dataset)[1]]
    printed = f"{seconds[slow][0] / seconds[fast][0]:.1f} times in the paper"
    return replace(part, note="; ".join(filter(None, (part.note, printed))))


# --- single tasks -------------------------------------------------------------------------------------------


def _over_tasks(name, missing, found, rule, unit, tasks):
    """Return the part whose statement `rule` gives; its effect is that of the worst task.

    found : {task: Interval}. rule : function (found) -> (Statement, note).
    """
    if missing or not found:
        return untested(name, missing or f"no errors of single {tasks}")
    if any(effect.half is None for effect in found.values()):
        return untested(name, verdicts.ONE_SPLIT)
    statement, note = rule(found)
    return Part(name, statement, min(found.values(), key=lambda effect: effect.mean), unit, note)


def degrades(run, dataset, method, several):
    """Return the part that `method` degrades several tasks by much, or none if `several` is false."""

    def rule(found):
        degraded = {task: ~above(gain, -MUCH) for task, gain in found.items()}
        note = f"tasks degraded by much: {', '.join(_true(run, degraded)) or 'none shown'}"
        statements = list(degraded.values())
        return at_least(SEVERAL, statements) if several else ~some(statements), note

    gains = run.gains_by_task(dataset, method, "stl").items()
    found = {task: run.estimate(dataset, gain.values()) for task, gain in gains if gain}
    name = f"{run.title(method)} degrades {'several' if several else 'none'}"
    return _over_tasks(name, run.missing(dataset, method, "stl"), found, rule, "%", "tasks")


def improves(run, dataset, method, all_classes):
    """Return the part that `method` improves every class, or some while it degrades others."""

    def rule(found):
        improved = {task: above(gain, 0.0) for task, gain in found.items()}
        degraded = {task: ~each for task, each in improved.items()}
        up, down = (len(_true(run, each)) for each in (improved, degraded))
        note = f"of {len(found)} classes {up} improved, {down} degraded"
        if all_classes:
            return every(list(improved.values())), note
        return every([some(list(each.values())) for each in (improved, degraded)]), note

    found = run.task_reductions(dataset, method, "stl")
    name = f"{run.title(method)} improves {'every class' if all_classes else 'some and degrades others'}"
    return _over_tasks(name, run.missing(dataset, method, "stl"), found, rule, "points", "classes")


# --- graphs and orders --------------------------------------------------------------------------------------


def over_fits(run, dataset, method, measure, bound, name="{dataset}", needs=()):
    """Return the part that a number exceeds a bound.

    measure : function (fit) -> share, or None for a fit that does not count; the number is the mean in %.
    bound : in %. needs : other methods without which the part is not tested.
    """
    name = name.format(method=run.title(method), dataset=title_of(run, dataset))
    missing = run.missing(dataset, method, *needs, fits=[method])
    if missing:
        return untested(name, missing)
    values = [measure(fit) for fit in run.fits(dataset, method).values()]
    values = [100.0 * value for value in values if value is not None]
    return judge(name, run.estimate(dataset, values), bound=bound)


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


def gains_in_order(run, dataset, method, name, places, **tested):
    """Return the part that the tasks at `places` (a slice) of the training order gain over STL, in %.

    tested : `statement` and `bound` of `judge`, where the claim is another.
    """
    missing = run.missing(dataset, method, "stl", fits=[method])
    if missing:
        return untested(name, missing)
    gains = list(run.gains_by_task(dataset, method, "stl").values())
    rows = [
        np.mean([gains[t][k] for t in fit["order"][places]])
        for k, fit in run.fits(dataset, method).items()
        if all(k in gain for gain in gains)
    ]
    return judge(name, run.estimate(dataset, rows), **tested)


# --- the claims ---------------------------------------------------------------------------------------------

SYNTHETIC = ("synthetic", "synthetic-authors")
FIRST_HALF, SECOND_HALF = slice(len(HARD) // 2), slice(len(HARD) // 2, None)
IN_ORDER = ("synthetic", "amtl-curriculum")
# The graph methods in the order of Table 2, lowest error first, and STL, which is close to SMTL there.
GRAPH_ORDER = ("amtl-imbalanced", "amtl", "amtl-noloss", "smtl", "stl")


def _imbalanced(dataset, title):
    """Return the examinations of claim C15 on one dataset."""
    neighbours = [(dataset, *pair) for pair in pairwise(GRAPH_ORDER)]
    return (
        each(beats, (dataset, "amtl", "stl"), name=f"AMTL over STL on {title}"),
        each(is_best, (dataset, "amtl-imbalanced"), name=f"AMTL-imbalanced best on {title}"),
        each(beats, (dataset, "stl", "go-mtl"), name=f"STL over GO-MTL on {title}"),
        each(beats, (dataset, "stl", "mtfl"), name=f"STL over MTFL on {title}"),
        as_details(each(beats, *neighbours, name=f"order: {{winner}} over {{loser}} on {title}")),
    )


GAIN = "lower error, in % of the other method's mean error"

# A claim of no effect: two one-sided tests against the margin.
NO_EFFECT = {"statement": within, "bound": NEGLIGIBLE}
NO_EFFECT_RULE = (
    f"No effect is tested by equivalence: the whole interval lies between −{NEGLIGIBLE:g} and "
    f"{NEGLIGIBLE:g} % (contradicted: the 97.5 % interval lies wholly outside)."
)

CLAIMS = {
    "C1": Claim(
        "4.1, Table 1",
        "AMTL has the lowest RMSE of all nine methods on Synthetic.",
        f"AMTL over the best of the others: {GAIN}",
        "Reproduced if AMTL beats each of the other eight methods, contradicted if one of them beats AMTL "
        "(corrected for their number).",
        each(is_best, *((dataset, "amtl") for dataset in SYNTHETIC)),
    ),
    "C2": Claim(
        "4.1, Figure 1c",
        "Edge mass goes from easy to hard tasks, not back (Synthetic).",
        "of AMTL's edge weight between easy and hard tasks, the share easy → hard minus the share hard → "
        "easy",
        f"Bound: {NEARLY_ALL_ONE_WAY:.0f} %, that is {NEARLY_ALL:.0f} % of the weight goes to hard tasks. A "
        "split without such edges counts as 0.",
        each(over_fits, *((dataset, "amtl", _easy_to_hard, NEARLY_ALL_ONE_WAY) for dataset in SYNTHETIC)),
    ),
    "C3": Claim(
        "Figure 1c",
        "Edges stay within the two groups (Synthetic).",
        "share of AMTL's edge weight within the groups",
        f"Bound: {NEARLY_ALL:.0f} %. Splits without edges do not count.",
        each(over_fits, *((dataset, "amtl", _within_groups, NEARLY_ALL) for dataset in SYNTHETIC)),
    ),
    "C4": Claim(
        "Figure 1d",
        "GO-MTL degrades several tasks by much; AMTL degrades none by much (Synthetic).",
        "gain over STL of the task that loses most, in % of STL's mean RMSE on it",
        f"By much: a task loses more than {MUCH:.0f} % of STL's RMSE. GO-MTL's part: at least {SEVERAL} "
        f"such tasks (contradicted: at most {SEVERAL - 1}). AMTL's part: no such task, that is the interval "
        f"of each task lies above −{MUCH:.0f} % (contradicted: at least one such task). Corrected for the "
        "number of tasks where few of them suffice.",
        each(degrades, ("synthetic", "go-mtl", True), ("synthetic", "amtl", False)),
    ),
    "C5": Claim(
        "Figure 1e",
        "The curriculum picks the easy tasks first; early tasks neither gain nor lose, late ones gain "
        "(Synthetic).",
        "share of pairs of an easy and a hard task with the easy one trained first; mean gain over STL, in % "
        "of STL's RMSE, of the first and of the second half of the order",
        f"Easy first: bound {NEARLY_ALL:.0f} %. Early: {NO_EFFECT_RULE} Late: bound 0.",
        joined(
            each(over_fits, (*IN_ORDER, _easy_first, NEARLY_ALL, "easy tasks first", ("stl",))),
            each(gains_in_order, (*IN_ORDER, "early tasks neither gain nor lose", FIRST_HALF), **NO_EFFECT),
            each(gains_in_order, (*IN_ORDER, "late tasks gain", SECOND_HALF)),
        ),
    ),
    "C6": Claim(
        "Table 1",
        "SMTL and AMTL-noLoss do not improve on STL on Synthetic (20.87, 20.86 and 20.87 in the paper).",
        f"STL over each: {GAIN}",
        f"One part per method. {NO_EFFECT_RULE}",
        each(
            beats,
            ("synthetic", "stl", "smtl"),
            ("synthetic", "stl", "amtl-noloss"),
            name="STL and {loser}",
            **NO_EFFECT,
        ),
    ),
    "C7": Claim(
        "4.1",
        "AMTL-Curriculum is faster than AMTL (Synthetic; 21.7 times in the paper).",
        "seconds of AMTL by those of AMTL-Curriculum, whole job, split by split; times vary from run to run",
        "Bound: 1. The paper's ratio is named beside ours and not judged: it depends on the solvers.",
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
        "One part per dataset: AMTL beats each of the other methods of Table 1 (contradicted: one of them "
        "beats AMTL, corrected for their number).",
        each(is_best, ("mnist", "amtl"), ("usps", "amtl"), ("awa", "amtl")),
    ),
    "C10": Claim(
        "4.2, Table 1",
        "GO-MTL beats AMTL on School.",
        f"GO-MTL over AMTL: {GAIN}",
        "Reproduced if GO-MTL beats AMTL, contradicted if AMTL beats GO-MTL.",
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
        "AMTL's part: the interval of every class lies above zero (contradicted: one class is degraded). "
        "GO-MTL's part: at least one class is improved and at least one degraded (contradicted: all are "
        "improved, or all degraded). Corrected for the number of classes where one of them suffices.",
        each(improves, ("mnist", "amtl", True), ("mnist", "go-mtl", False)),
    ),
    "C14": Claim(
        "Figure 3",
        "On MNIST edges go from low-loss to high-loss tasks; the curriculum's graph has no cycle.",
        "share of edge weight from lower to higher training loss minus the share back",
        f"Bound: {NEARLY_ALL_ONE_WAY:.0f} %, as in C2, for AMTL and for AMTL-Curriculum. That the "
        "curriculum's graph has no cycle follows from the method and is not judged.",
        each(
            over_fits,
            *(
                ("mnist", method, _rising_loss, NEARLY_ALL_ONE_WAY, "rising loss in the graph of {method}")
                for method in GRAPH_METHODS
            ),
        ),
    ),
    "C15": Claim(
        "4.3, Table 2",
        "On imbalanced data AMTL beats STL, AMTL-imbalanced is best, GO-MTL and MTFL lose to STL.",
        f"the first named over the second or over the best of the others: {GAIN}",
        "Four parts per dataset of Table 2: AMTL beats STL; AMTL-imbalanced beats each of the other methods "
        "of Table 2 (contradicted: one of them beats it, corrected for their number); STL beats GO-MTL; STL "
        "beats MTFL. The order of the graph methods is a detail of the evidence: each over the next.",
        joined(
            *_imbalanced("imbalanced", "imbalanced Synthetic"),
            *_imbalanced("imagenet-room", "ImageNet-Room"),
            *_imbalanced("imbalanced-authors", "the authors' files"),
        ),
    ),
}
