"""Claims of Sun et al. on 2MTL, each with the rule that gives a verdict.

The sign of an effect is chosen so that larger speaks for the claim. Rules common to all claims are in
`workbench.papers.verdicts`. config/2mtl.yaml defines the datasets and the entries; docs/2mtl.md gives the
reasons for the bounds.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from amtl import transfer
from amtl.metrics import auc
from workbench.papers import verdicts
from workbench.papers.hypotheses import some, within
from workbench.papers.results import Results
from workbench.papers.verdicts import Claim, Part, judge, untested

# "Close to the optimum": a gap of at most so many % of the optimal objective.
CLOSE = 1.0
# "As accurate": the error is not larger by more than this, in %, as in the statements of the survey.
MATCHES = 5.0
# Half of the way from chance to an exact answer, for an area under the ROC curve in %.
SHOWS = 75.0
# T^x with x from 1.5 to 2.5 counts as T^2: one number of tasks is twice the other, so 2.8 to 5.7 for 4 times.
EXPONENT, EXPONENT_MARGIN = 2.0, 0.5
# Gaps, in %, to which passes and seconds are counted. A solver that does not reach one in the passes of the
# study counts as one pass more.
TARGETS = (1.0, 0.1)

# Entries of config/2mtl.yaml.
LEARNED, SETTLED, SINGLE, MERGED = "two-mtl", "two-mtl-settled", "single", "merged"
SECOND, FIRST = "2MTL-F", "First order"
UNSTRUCTURED = ("task-clusters", "task-clusters-5-classes", "landmine", "wisdm-people")
STRUCTURED = ("sequence-clusters", "conll-chunks")
DATASETS = (*UNSTRUCTURED, *STRUCTURED)
GENERATED = ("task-clusters", "task-clusters-5-classes", "sequence-clusters")
# Where the Hessian at the optimum is small enough for the theorem's bound.
WITH_BOUND = ("task-clusters", "landmine")
SIZES = ("task-clusters-10-tasks", "task-clusters", "task-clusters-40-tasks")


def is_about_2mtl(run):
    """Return whether a run has a method of 2MTL on a dataset of a claim."""
    return any(run.splits_of(each.name, LEARNED) for each in run.datasets if each.name in DATASETS)


def solvers_read(run):
    """Return {dataset: split numbers} of the comparisons of solvers that the claims read."""
    names = dict.fromkeys((*DATASETS, *SIZES))
    return {each.name: list(range(1, each.splits + 1)) for each in run.datasets if each.name in names}


def fits_read(run):
    """Return {dataset: {method: split numbers}} of the fits that the claims read."""
    found = {
        each.name: {m: run.splits_of(each.name, m) for m in (LEARNED, SETTLED)}
        for each in run.datasets
        if each.name in DATASETS
    }
    return {d: {m: splits for m, splits in methods.items() if splits} for d, methods in found.items()}


class SolverResults(Results):
    """The results of a run, with the comparisons of solvers and the groups of generated tasks.

    inputs : as for `Results`, and ``solvers``.
    """

    def __init__(self, run, inputs):
        super().__init__(run, inputs)
        self._studies = inputs["solvers"]

    def studies(self, dataset):
        """Return {split: what `amtl.two_mtl.study.compare_solvers` found} of a dataset."""
        return {k: found for (name, k), found in self._studies.items() if name == dataset}

    def clusters(self, dataset):
        """Return the number of clusters of generated tasks, which are of equal size and follow each other."""
        return self._run.dataset(dataset).options["clusters"]

    def passes(self, dataset, method):
        """Return {split: passes of the chosen fit}."""
        return self._scores.values(dataset, method, "iterations")


def of_studies(run, name, dataset, measure, unit="%", **tested):
    """Return the part about a number of every comparison of solvers on a dataset.

    measure : function of a comparison, which returns a number or None where it does not apply. tested :
    `statement` and `bound` of `judge`.
    """
    name = f"{name}, {run.title(dataset)}"
    if missing := run.missing(dataset):
        return untested(name, missing)
    values = [measure(study) for _, study in sorted(run.studies(dataset).items())]
    values = [value for value in values if value is not None]
    return judge(name, run.estimate(dataset, values), unit=unit, **tested)


def closeness(study, passes):
    """Return `CLOSE` minus the gap of 2MTL-F in % after so many passes, or None if it diverged."""
    (run,) = [each for each in study["runs"] if each["solver"] == SECOND and each["passes"] == passes]
    return None if run["gap"] is None else CLOSE - 100.0 * run["gap"]


def reached(study, solver, target, key):
    """Return the pass, or the seconds, at which the longest run of a solver has a gap of at most `target` %.

    A solver that does not get there counts as one pass more than it made, in seconds by the mean pass. None
    for a solver that diverged in its first pass.
    """
    trace = study["traces"][solver]
    if not trace:
        return None
    found = next((each[key] for each in trace if 100.0 * each["gap"] <= target), None)
    return trace[-1][key] * (1.0 + 1.0 / trace[-1]["pass"]) if found is None else found


def lower_error(run, dataset, method, other, name="{0} over {1}, {2}", **tested):
    """Return the part that a method has a lower test error than another, in % of the other's mean."""
    name = name.format(run.title(method), run.title(other), run.title(dataset))
    if missing := run.missing(dataset, method, other):
        return untested(name, missing)
    gains = transfer.gains(run.errors(dataset, method), run.errors(dataset, other))
    return judge(name, run.estimate(dataset, gains.values()), **tested)


# --- examinations -------------------------------------------------------------------------------------------


def close_in_one_pass(run):
    """Return the parts of M1; 2, 5 and 10 passes are details."""
    parts = []
    for dataset in DATASETS:
        for passes in (1, 2, 5, 10):
            part = of_studies(
                run,
                f"1 % minus the gap after {passes} {'pass' if passes == 1 else 'passes'}",
                dataset,
                partial(closeness, passes=passes),
            )
            parts.append(part if passes == 1 else replace(part, counts=False))
    return parts


def faster_than_first_order(run):
    """Return the parts of M2: passes count, seconds are details."""
    parts = []
    for dataset in DATASETS:
        for target in TARGETS:
            for key, unit in (("pass", "passes"), ("seconds", "s")):

                def saved(study, target=target, key=key):
                    passes = [reached(study, solver, target, key) for solver in (FIRST, SECOND)]
                    return None if None in passes else passes[0] - passes[1]

                part = of_studies(run, f"{unit} saved to a gap of {target:g} %", dataset, saved, unit)
                parts.append(replace(part, counts=key == "pass"))
    return parts


def adaptive_beats(run):
    """Return the parts of M3."""
    return [lower_error(run, d, LEARNED, other) for d in DATASETS for other in (SINGLE, MERGED)]


def similarities_show_relations(run):
    """Return the parts of M4: the clusters of generated data; on other data the stability is a detail."""
    parts = []
    for dataset in GENERATED:
        name = f"AUC of similarity within against between clusters, {run.title(dataset)}"
        missing = run.missing(dataset, LEARNED, fits=(LEARNED,))
        values = [] if missing else _aucs(run, dataset)
        parts.append(
            untested(name, missing)
            if missing
            else judge(name, run.estimate(dataset, values), bound=SHOWS, unit="%")
        )
    for dataset in (name for name in DATASETS if name not in GENERATED):
        fits = run.fits(dataset, LEARNED) if not run.missing(dataset, LEARNED) else {}
        found = [_off_diagonal(fit["similarity"]) for _, fit in sorted(fits.items())]
        pairs = [100.0 * float(np.corrcoef(a, b)[0, 1]) for a, b in zip(found, found[1:], strict=False)]
        name = f"correlation of the similarities of two splits, {run.title(dataset)}"
        part = untested(name, "not run on two splits", run.estimate(dataset, pairs))
        parts.append(replace(part, counts=False))
    return parts


def _off_diagonal(A):
    return np.asarray(A)[~np.eye(len(A), dtype=bool)]


def _aucs(run, dataset):
    """Return the area under the ROC curve of every split, in %: is a pair of tasks in one cluster?"""
    found = []
    for _, fit in sorted(run.fits(dataset, LEARNED).items()):
        group = np.arange(len(fit["tasks"])) * run.clusters(dataset) // len(fit["tasks"])
        found.append(100.0 * auc(_off_diagonal(fit["similarity"]), _off_diagonal(group[:, None] == group)))
    return found


def accelerated_is_enough(run):
    """Return the parts of M5."""
    parts = []
    for dataset in DATASETS:
        name = "{0} is as accurate as {1}, {2}"
        parts.append(lower_error(run, dataset, LEARNED, SETTLED, name, bound=-MATCHES))
        title = f"passes saved by {run.title(LEARNED)}, {run.title(dataset)}"
        if missing := run.missing(dataset, LEARNED, SETTLED):
            parts.append(untested(title, missing))
            continue
        fast, settled = (run.passes(dataset, each) for each in (LEARNED, SETTLED))
        saved = [settled[k] - fast[k] for k in sorted(fast.keys() & settled.keys())]
        parts.append(judge(title, run.estimate(dataset, saved), unit="passes"))
    return parts


def theorem_holds(run):
    """Return the parts of M6."""

    def slack(study):
        found = study["bound"]
        return None if found is None else 100.0 * (1.0 - found["measured"] / found["bound"])

    return [of_studies(run, "bound minus measured ratio, in % of the bound", d, slack) for d in WITH_BOUND]


def works_for_both_kinds(run):
    """Return the parts of M7: one for each kind of model."""
    parts = []
    for kind, datasets in (("single labels", UNSTRUCTURED), ("sequences", STRUCTURED)):
        own = [lower_error(run, dataset, LEARNED, SINGLE) for dataset in datasets]
        tested = [part for part in own if part.statement is not None]
        name = f"{run.title(LEARNED)} over {run.title(SINGLE)} on some data with {kind}"
        if tested:
            best = max(tested, key=lambda part: part.effect.mean)
            statement = some([part.statement for part in tested])
            parts.append(Part(name, statement, best.effect, note=best.name))
        else:
            parts.append(untested(name, own[0].note))
        parts += [replace(part, counts=False) for part in own]
    return parts


def seconds_grow_with_square(run):
    """Return the parts of M8."""
    name = "exponent of the seconds of a pass in the number of tasks, minus 2"
    small, _, large = SIZES
    if missing := next(filter(None, (run.missing(each) for each in (small, large))), ""):
        return [untested(name, missing)]
    pairs = [(run.studies(small).get(k), study) for k, study in sorted(run.studies(large).items())]
    exponents = [
        np.log(_seconds(after) / _seconds(before)) / np.log(after["tasks"] / before["tasks"]) - EXPONENT
        for before, after in pairs
        if before is not None
    ]
    effect = run.estimate(large, exponents)
    return [judge(name, effect, statement=within, bound=EXPONENT_MARGIN, unit="exponent")]


def _seconds(study):
    """Return the seconds of a pass of 2MTL-F over rows that every pass has."""
    return study["traces"][SECOND][-1]["seconds"] / len(study["traces"][SECOND])


# --- the claims ---------------------------------------------------------------------------------------------

GAP = "(F − F*) / F* in %, F* the optimum of L-BFGS on the same objective"

CLAIMS = {
    "M1": Claim(
        "3, 4",
        "2MTL comes close to the empirical optimum in one pass.",
        f"{CLOSE:g} % minus the gap of 2MTL-F after one pass; gap: {GAP}",
        "One part per dataset. Bound: 0. More passes are details.",
        close_in_one_pass,
    ),
    "M2": Claim(
        "4",
        "2MTL converges faster than first-order online multi-task learning.",
        f"passes that 2MTL-F saves to a gap of {TARGETS[0]:g} and of {TARGETS[1]:g} %; gap: {GAP}",
        "One part per dataset and gap. Bound: 0. Ten passes; a solver that does not get there counts as "
        "eleven. Seconds are details.",
        faster_than_first_order,
    ),
    "M3": Claim(
        "4",
        "Adaptive similarities beat single and merged learning in test accuracy.",
        "2MTL over single and over merged: lower test error, in % of the other method's mean error",
        "Two parts per dataset. Bound: 0.",
        adaptive_beats,
    ),
    "M4": Claim(
        "3.6",
        "The learned similarities show the true relations of the tasks.",
        "area under the ROC curve of the learned similarity, pairs of a cluster against other pairs, in %",
        f"One part per generated dataset. Bound: {SHOWS:g}, half of the way from chance to an exact answer. "
        "On real data the agreement of two splits is a detail.",
        similarities_show_relations,
    ),
    "M5": Claim(
        "3.6",
        "Accelerated 2MTL is as accurate as 2MTL, in fewer passes.",
        "accelerated over settled: lower test error in %, and passes saved",
        f"Two parts per dataset. Accurate: it loses less than {MATCHES:g} %. Passes: bound 0.",
        accelerated_is_enough,
    ),
    "M6": Claim(
        "Theorem 3.1",
        "With the smallest steps the error shrinks at least as the bound says.",
        "the bound exp(−η λ β / (1 − β)) minus ||w − w*|| / ||w₀ − w*|| after one pass, in % of the bound, "
        "of the task where it is smallest",
        "One part per dataset whose Hessian can be computed. Bound: 0.",
        theorem_holds,
    ),
    "M7": Claim(
        "4",
        "2MTL works for structured and for unstructured models alike.",
        "2MTL over single: lower test error in %, on the data where it is largest",
        "Two parts: on some dataset with single labels, and on some with sequences, corrected for their "
        "number. Bound: 0.",
        works_for_both_kinds,
    ),
    "M8": Claim(
        "Figure 1",
        "The time of a pass grows with the square of the number of tasks.",
        "x − 2 of “the seconds of a pass grow like T^x”, from 10 to 40 tasks with equal rows",
        f"The whole interval lies between −{EXPONENT_MARGIN:g} and {EXPONENT_MARGIN:g}. Times vary from run "
        "to run.",
        seconds_grow_with_square,
    ),
}


def examine(run, inputs):
    """Return {claim id: Finding} of a run. inputs : those of `SolverResults`."""
    results = SolverResults(run, inputs)
    return {key: verdicts.judge_claim(claim, results) for key, claim in CLAIMS.items()}
