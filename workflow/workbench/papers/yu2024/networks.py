"""Statements of the survey of Yu et al. (2024) on optimisation, each with the rule that gives a verdict.

They are examined on small networks and on two known fronts. Rules common to all statements are in
`workbench.papers.verdicts`; docs/small-networks-statements.md gives the reasons for the bounds.
"""

import numpy as np

from amtl.statistics import interval
from workbench.papers import verdicts
from workbench.papers.hypotheses import within
from workbench.papers.results import Results
from workbench.papers.results import splits_read as overlapping
from workbench.papers.verdicts import Claim, judge
from workbench.papers.yu2024 import fronts
from workbench.papers.yu2024.statements import EXACT, detail, part_of

# The names of all methods on small networks begin with this.
PREFIX = "net-"
EQUAL, SINGLE, STATIC, LINEAR = "net-equal", "net-single", "net-static", "net-linear"
# Methods that the survey says to reduce conflicts hardly.
SURGERY = ("net-pcgrad", "net-graddrop", "net-cagrad")
# Other methods, as details.
OTHERS = ("net-mgda", "net-imtl-g", "net-nash", "net-aligned")
# Datasets with equal scales. The gradients of the two scores of Parkinsons never conflict.
DATASETS = ("multi-mnist", "mnist-unlike", "school", "landmine")
# Those that need no raw file. The others count where the run has them.
BUNDLED = DATASETS[:2]
# A share of conflicts is hardly reduced if it is lower by less than this, in points.
HARDLY = 5.0
# A front is missed if less than this share of it is reached, in %.
HALF = 50.0
# Random starts of the two known fronts.
SEEDS = range(10)


def is_network(method):
    """Return whether a method of a run is one on small networks."""
    return method.method.startswith(PREFIX)


def is_about_networks(run):
    """Return whether a run has a method on small networks."""
    return any(map(is_network, run.methods))


def fits_read(run):
    """Return {dataset: {method: split numbers}} of the fits whose share of conflicts is read."""
    names = [each.name for each in run.datasets if each.name in DATASETS]
    wanted = (EQUAL, *SURGERY, *OTHERS)
    return {name: {m: run.splits_of(name, m) for m in wanted if m in run.fitted[name]} for name in names}


def splits_read(run):
    """Return {dataset: split numbers} of the splits that the statements read."""
    return overlapping(run)


def conflicts(results, dataset, method):
    """Return the share of conflicting gradients, the mean over the checks of training, in %."""
    fits = results.fits(dataset, method)
    return {k: 100.0 * float(np.mean(fit["conflicts"])) for k, fit in fits.items() if "conflicts" in fit}


def hardly_fewer(results, dataset, method):
    """Return the part that `method` has hardly fewer conflicts than equal weights."""

    def effect():
        values, others = (conflicts(results, dataset, each) for each in (method, EQUAL))
        common = sorted(values.keys() & others.keys())
        return results.estimate(dataset, [values[k] - others[k] for k in common])

    name = "conflicts of {first} minus those of {second}, {dataset}"
    return part_of(results, name, dataset, (method, EQUAL), effect, unit="points", bound=-HARDLY)


def conflicts_remain(results):
    """Return the parts of S12; details are other methods."""
    datasets = [*BUNDLED, *(name for name in DATASETS[2:] if name in results.datasets)]
    parts = [hardly_fewer(results, dataset, method) for method in SURGERY for dataset in datasets]
    return [*parts, *(detail(hardly_fewer(results, d, m)) for m in OTHERS for d in datasets)]


def scalarization_misses(results):
    """Return the parts of S13."""
    missed = interval([100.0 - fronts.concave_coverage(seed, "static") for seed in SEEDS])
    mgda = interval([fronts.concave_coverage(seed, "mgda") for seed in SEEDS])
    gap = interval([fronts.stationary_gap(seed) for seed in SEEDS])
    return [
        judge("part of a concave front that static weights miss", missed, bound=HALF),
        judge("part of a concave front that MGDA reaches", mgda, bound=HALF),
        judge(
            "distance of MGDA from the optimum of a weighted sum, convex losses",
            gap,
            statement=within,
            bound=EXACT,
        ),
    ]


STATEMENTS = {
    "S12": Claim(
        "2.2.5",
        "PCGrad, GradDrop and CAGrad hardly reduce the share of conflicting gradients.",
        "share of the pairs of tasks with conflicting gradients in the trunk, mean over training, minus that "
        "of equal weights, in points",
        f"One part for each of the three on {len(BUNDLED)} datasets with equal scales of the losses, and on "
        f"School and Landmine where the run has them. Hardly: lower by less than {HARDLY:g} points. "
        "Other methods are details.",
        conflicts_remain,
    ),
    "S13": Claim(
        "2.2.6",
        "Scalarization misses concave parts of the front and multi-objective optimization does not; for "
        "convex losses the limit of MGDA is weakly Pareto optimal.",
        "parts of a known concave front (Fonseca and Fleming) at which gradient descent ends, of "
        f"{fronts.PARTS} equal parts; distance from the optimum of the sum of two regression losses with "
        "MGDA's weights, in % of it",
        f"Misses: less than {HALF:g} % of the front is reached. Reaches: more. Optimal: the distance is at "
        f"most {EXACT:g} %. {fronts.STARTS} starts, {len(SEEDS)} seeds; no network.",
        scalarization_misses,
    ),
}


def examine(run, inputs):
    """Return {statement id: Finding} of a run. inputs : those of `workbench.papers.results.Results`."""
    results = Results(run, inputs)
    return {key: verdicts.judge_claim(claim, results) for key, claim in STATEMENTS.items()}
