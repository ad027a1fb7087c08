"""Statements of the survey of Yu et al. (2024) on linear methods, each with the rule that gives a verdict.

The sign of an effect is chosen so that larger speaks for the statement. Rules common to all statements and
to the claims of Lee et al. are in `workbench.papers.verdicts`. config/statements.yaml defines the datasets;
docs/statements.md gives the reasons for the rules and the bounds.
"""

from dataclasses import replace
from functools import partial

from amtl import transfer
from workbench.papers import verdicts
from workbench.papers.hypotheses import some, within
from workbench.papers.results import splits_read as overlapping
from workbench.papers.verdicts import Claim, Part, judge, untested
from workbench.papers.yu2024 import measures

# A method matches another if its error is not larger by more than this, in %: five times the loss above which
# the table of transfer counts a task as worse.
MATCHES = 5.0
# An identity holds up to this, in %: the tolerance of the solvers.
EXACT = 1e-4
# Outlier tasks are found if the score is above this, in %: half of the way from calling every task an outlier
# to an exact answer.
FOUND = 50.0

# Datasets of config/statements.yaml.
LITTLE_OVERLAP, MUCH_OVERLAP = ("s1-overlap-30", "s1-overlap-50"), ("s1-overlap-80", "s1-overlap-100")
NO_OVERLAP, FULL_OVERLAP = "s1-overlap-0", "s1-overlap-100"
SOME_OVERLAP = ("s1-overlap-30", "s1-overlap-50", "s1-overlap-80")
CLUSTERS, LOW_RANK, SPARSE = "s3-clusters", "s4-low-rank", "s5-sparse"
OUTLIERS = ("s6-outliers-2", "s6-outliers-4", "s6-outliers-8")
FEW_ROWS, PLENTY = "s7-sparse-10-rows", ("s7-sparse-400-rows", "s7-dense-400-rows")
CURVES = ("s7-sparse-10-rows", "s7-sparse-50-rows", "s7-dense-10-rows", "s7-dense-50-rows")
RELATED = ("s9-group-10-rows", "s9-clusters-10-rows")
MANY_TASKS, SCHOOL = ("s9-clusters-10-rows", "s10-clusters-48-tasks"), "s10-school"
CELLS = (("s11-tensor", "s11-tensor-hidden"), ("s11-school-years", "s11-school-years-hidden"))
SIZES = ("s14-8-tasks", CLUSTERS, "s14-32-tasks")

# Datasets whose splits are read, for their true weights, outlier tasks or test rows.
WITH_SPLITS = (
    *(NO_OVERLAP, *LITTLE_OVERLAP, *MUCH_OVERLAP, LOW_RANK, SPARSE, *OUTLIERS),
    *(whole for whole, _ in CELLS),
)
# All of them: a run with one has the table of statements.
DATASETS = (
    *(NO_OVERLAP, *LITTLE_OVERLAP, *MUCH_OVERLAP, *SIZES, LOW_RANK, SPARSE, *OUTLIERS, *CURVES, *PLENTY),
    *(*RELATED, *MANY_TASKS, SCHOOL, *CELLS[0], *CELLS[1]),
)
# The stages whose weights are compared.
STAGES = 3


def is_about_survey(run):
    """Return whether a run has a dataset of a statement."""
    return any(each.name in DATASETS for each in run.datasets)


def fits_read(run):
    """Return {dataset: {method: split numbers}} of the fits that the statements read; run : the `RunInfo`."""
    names = [each.name for each in run.datasets if each.name in DATASETS]
    return {name: {m: run.splits_of(name, m) for m in run.fitted[name]} for name in names}


def splits_read(run):
    """Return {dataset: split numbers} of the splits that the statements read."""
    numbers = {each.name: list(range(1, each.splits + 1)) for each in run.datasets}
    return overlapping(run) | {name: numbers[name] for name in WITH_SPLITS if name in numbers}


# --- parts --------------------------------------------------------------------------------------------------


def short(run, dataset):
    """Return the title of a dataset without the statements that it stands for."""
    return run.title(dataset).split(": ", 1)[-1]


def part_of(run, name, dataset, methods, effect_of, unit="%", **tested):
    """Return the part about results of some methods on a dataset.

    name : of the part, with places for ``first`` and ``second`` method and ``dataset``. effect_of : function
    () -> `Interval`. tested : `statement` and `bound` of `judge`, where the bound is not 0.
    """
    titles = dict(zip(("first", "second"), map(run.title, methods), strict=False))
    name = name.format(dataset=short(run, dataset), **titles)
    missing = run.missing(dataset, *methods)
    if missing:
        return untested(name, missing)
    stopped = [run.title(m) for m in methods if not run.converged(dataset, m)]
    caveats = tuple(f"{title}: fits that did not converge" for title in stopped)
    return replace(judge(name, effect_of(), unit=unit, **tested), caveats=caveats)


def lower(run, dataset, winner, loser, measure, name="{first} over {second}, {dataset}", **tested):
    """Return the part that `measure` is lower for `winner`, in % of the mean for `loser`.

    measure : function (results, dataset, method) -> {split: number}.
    """

    def effect():
        values, others = (measure(run, dataset, method) for method in (winner, loser))
        return run.estimate(dataset, transfer.gains(values, others).values())

    return part_of(run, name, dataset, (winner, loser), effect, **tested)


def gap_is_larger(run, dataset, method, other):
    """Return the part that `method` has a larger gap between test and training error than `other`."""

    def effect():
        scales = measures.rmse(run, dataset, other).values()
        percent = 100.0 * len(scales) / sum(scales)
        values, others = (measures.gaps(run, dataset, each) for each in (method, other))
        return run.estimate(dataset, [percent * x for x in measures.differences(values, others)])

    return part_of(run, "gap of {first} minus {second}, {dataset}", dataset, (method, other), effect)


def alone(run, dataset, method, measure, name, **tested):
    """Return the part about `measure` of one method."""

    def effect():
        return run.estimate(dataset, measure(run, dataset, method).values())

    return part_of(run, name, dataset, (method,), effect, **tested)


def detail(part):
    """Return a part as a detail, which does not count for the verdict."""
    return replace(part, counts=False)


# --- examinations -------------------------------------------------------------------------------------------

by_weights = partial(lower, measure=measures.estimation_errors)


def overlap_decides(run):
    """Return the parts of S1."""
    return [
        *(by_weights(run, dataset, "lasso", "linf1") for dataset in LITTLE_OVERLAP),
        *(by_weights(run, dataset, "linf1", "lasso") for dataset in MUCH_OVERLAP),
    ]


def dirty_is_best(run):
    """Return the parts of S2."""
    ends = ((NO_OVERLAP, "lasso"), (FULL_OVERLAP, "linf1"))
    matches = "{first} matches {second}, {dataset}"
    return [
        *(by_weights(run, dataset, "dirty", end, name=matches, bound=-MATCHES) for dataset, end in ends),
        *(by_weights(run, dataset, "dirty", end) for dataset in SOME_OVERLAP for end in ("lasso", "linf1")),
    ]


def forms_agree(run):
    """Return the part of S3."""
    name = "penalty of convex ASO minus that of {first}, {dataset}"
    return [alone(run, CLUSTERS, "cmtl", measures.difference_of_forms, name, statement=within, bound=EXACT)]


def capped_norm_shrinks_less(run):
    """Return the part of S4."""
    methods = ("trace-norm", "ramusa")

    def effect():
        found = (measures.shrinkage(run, LOW_RANK, method) for method in methods)
        return run.estimate(LOW_RANK, measures.differences(*found))

    name = "shrinkage by {first} minus that by {second}, {dataset}"
    return [part_of(run, name, LOW_RANK, methods, effect, unit="points")]


def stages_improve(run):
    """Return the parts of S5."""
    method = "msmtfl-stages"

    def effect(stage):
        later, earlier = (measures.stage_errors(run, SPARSE, method, each) for each in (stage, stage - 1))
        return run.estimate(SPARSE, transfer.gains(later, earlier).values())

    return [
        part_of(run, f"stage {stage} over stage {stage - 1}", SPARSE, (method,), partial(effect, stage))
        for stage in range(2, STAGES + 1)
    ]


def outliers_are_found(run):
    """Return the parts of S6."""
    found = "{first} finds {dataset}"
    spared = "{first} over {second} on the others, {dataset}"
    rivals = (("robust", "trace-norm"), ("rmtfl", "l21"))
    return [
        *(
            alone(run, dataset, method, measures.outliers_found, found, unit="points", bound=FOUND)
            for method, _ in rivals
            for dataset in OUTLIERS
        ),
        *(
            lower(run, dataset, method, rival, measures.errors_of_inliers, name=spared)
            for method, rival in rivals
            for dataset in OUTLIERS
        ),
    ]


def selection_harms(run):
    """Return the parts of S7: one with plenty of data, and the rest of the learning curves as details."""
    ridge_wins = partial(lower, winner="stl", loser="l21", measure=measures.rmse)
    parts = [ridge_wins(run, dataset) for dataset in PLENTY]
    missing = [part for part in parts if part.statement is None]
    details = [detail(part) for part in (*parts, *(ridge_wins(run, dataset) for dataset in CURVES))]
    name = "harm on some data with plenty of rows"
    if missing:
        return [untested(name, missing[0].note), *details]
    worst = max(parts, key=lambda part: part.effect.mean)
    return [Part(name, some([part.statement for part in parts]), worst.effect, note=worst.name), *details]


def supports_waver(run):
    """Return the part of S8."""
    many = PLENTY[0]

    def effect():
        found = (measures.jaccard(run, dataset, "l21") for dataset in (many, FEW_ROWS))
        return run.estimate(many, measures.differences(*found))

    name = f"supports of {{first}}, {{dataset}} minus {short(run, FEW_ROWS)}"
    if missing := run.missing(FEW_ROWS, "l21"):
        return [untested(name.format(first="L21", dataset=short(run, many)), missing)]
    return [part_of(run, name, many, ("l21",), effect, unit="points")]


def covariances_overfit(run):
    """Return the parts of S9."""
    methods = ("mtrl", "spats")
    return [gap_is_larger(run, dataset, m, "mean-regularized") for m in methods for dataset in RELATED]


def sparse_overfits_less(run):
    """Return the parts of S10; School counts where the run has it."""
    datasets = [*MANY_TASKS, *([SCHOOL] if SCHOOL in run.datasets else [])]
    return [gap_is_larger(run, dataset, "mtrl", "spats") for dataset in datasets]


def empty_cells_are_predicted(run):
    """Return the parts of S11; School by year counts where the run has it. Details compare with pooling."""
    grids = [CELLS[0], *(pair for pair in CELLS[1:] if set(pair) <= set(run.datasets))]
    parts = []
    for whole, hidden in grids:
        measure = partial(_errors_of_hidden, whole=whole)
        for method in ("overlapped-trace", "latent-trace"):
            parts.append(lower(run, hidden, method, "mean", measure))
            parts.append(detail(lower(run, hidden, method, "pooled", measure)))
    return parts


def _errors_of_hidden(run, hidden, method, whole):
    return measures.errors_of_hidden(run, whole, hidden, method)


def seconds_grow(run):
    """Return the details of S14."""
    parts = []
    for method in ("cmtl", "cmtl-hard"):
        effect = run.estimate(SIZES[0], measures.exponents(run, SIZES, method).values())
        note = "not run with two numbers of tasks" if effect is None else f"T^{effect.mean:.2f}"
        parts.append(Part(f"seconds of {run.title(method)}", None, effect, "exponent", note, counts=False))
    return parts


# --- the statements -----------------------------------------------------------------------------------------

WEIGHTS = "lower ||W − W*||, in % of the other method's mean"
GAP = "difference of two gaps, test RMSE minus training RMSE, in % of the other method's mean test RMSE"

STATEMENTS = {
    "S1": Claim(
        "2.1.1",
        "The multi-task lasso with the largest weight (Linf1) beats separate lassos only if the tasks share "
        "more than 2/3 of their supports.",
        f"the method that should win over the other: {WEIGHTS}",
        "Two tasks. One part per overlap: the lasso wins at 30 and 50 %, Linf1 at 80 and 100 %. Bound: 0.",
        overlap_decides,
    ),
    "S2": Claim(
        "2.24",
        "The dirty model matches the lasso and Linf1 at both ends of the overlap, and beats both elsewhere.",
        f"the dirty model over each: {WEIGHTS}",
        f"Matches: it loses less than {MATCHES:g} %, to the lasso at overlap 0 and to Linf1 at 100 %. Beats: "
        "bound 0, at 30, 50 and 80 %, over both.",
        dirty_is_best,
    ),
    "S3": Claim(
        "2.31, 2.39",
        "Convex CMTL and convex ASO are equivalent.",
        "difference of the two penalties at the weights that CMTL learned, in % of CMTL's",
        f"The whole interval lies between −{EXACT:g} and {EXACT:g} %, the tolerance of the solvers.",
        forms_agree,
    ),
    "S4": Claim(
        "2.19",
        "The capped trace norm (RAMUSA) shrinks large singular values less than the trace norm.",
        "shrinkage by the trace norm minus that by RAMUSA; shrinkage: 1 − learned / true singular value, "
        "mean over the true ones that are not zero",
        "Bound: 0. That both norms agree for a large cap is true by definition and not judged.",
        capped_norm_shrinks_less,
    ),
    "S5": Claim(
        "2.13",
        "Each stage of MSMTFL improves the estimation error.",
        "||W − W*|| after a stage, lower than after the stage before, in % of its mean, with the same "
        "hyper-parameters",
        f"One part for each stage from the second to stage {STAGES}. Bound: 0.",
        stages_improve,
    ),
    "S6": Claim(
        "2.25, 2.26",
        "Robust methods find outlier tasks and reduce their negative influence on the others.",
        "F1 score of the outlier tasks, 0 that of calling all tasks outliers, 100 exact; lower mean RMSE of "
        "the other tasks, in % of that of the norm without a part for outliers (trace norm, L21)",
        f"Robust MTL and rMTFL, each with 2, 4 and 8 outliers among 16 tasks. Found: score above {FOUND:g}. "
        "Influence: bound 0.",
        outliers_are_found,
    ),
    "S7": Claim(
        "2.1.1 (iii)",
        "With plenty of data, feature selection may harm.",
        "lower test RMSE of STL (ridge), in % of that of L21, on the data where it is largest",
        "“May”: on sparse or on dense true weights with 400 rows per task STL beats L21; corrected for the "
        "two. Fewer rows are details.",
        selection_harms,
    ),
    "S8": Claim(
        "2.1.1 (iv)",
        "Feature selection is unstable with few data.",
        "agreement of the supports of L21 in two splits (features of both among features of either) with 400 "
        "rows per task minus that with 10 rows",
        "Bound: 0. Splits share the true weights and no row. No split is in two pairs.",
        supports_waver,
    ),
    "S9": Claim(
        "2.1.5 (iii)",
        "Methods that learn a covariance of the tasks overfit the relation with few data.",
        f"{GAP}; the other method is mean-regularized, whose relation is fixed",
        "MTRL and SPATS with 10 rows per task, on one group and on three groups of tasks. Bound: 0.",
        covariances_overfit,
    ),
    "S10": Claim(
        "2.37",
        "Sparse relations overfit less than dense ones.",
        f"{GAP}: MTRL minus SPATS",
        "Three groups of 16 and of 48 tasks with 10 rows each; School (139 tasks) where the run has it. "
        "Bound: 0.",
        sparse_overfits_less,
    ),
    "S11": Claim(
        "2.1.3",
        "Tensor methods predict tasks without data.",
        "lower RMSE on the cells without rows, in % of that of the mean predictor, which predicts the mean "
        "of all targets",
        "Overlapped and scaled latent trace norm, on a generated grid of tasks; on School by year where the "
        "run has it. Bound: 0. Pooling as the other method is a detail.",
        empty_cells_are_predicted,
    ),
    "S14": Claim(
        "2.1.6 (i)",
        "Clustering scales with the number of tasks.",
        "x of “the seconds of a fit grow like T^x”, for T = 8, 16 and 32 tasks; median over the grid; of "
        "CMTL, and of CMTL with hard clusters",
        "No bound: the statement has none. 1 is proportional to T. Times vary from run to run.",
        seconds_grow,
        judged=False,
    ),
}


def examine(run, inputs):
    """Return {statement id: Finding} of a run. inputs : those of `measures.SurveyResults`."""
    results = measures.SurveyResults(run, inputs)
    return {key: verdicts.judge_claim(claim, results) for key, claim in STATEMENTS.items()}
