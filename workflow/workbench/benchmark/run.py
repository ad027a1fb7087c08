"""One case of the benchmark: every setting is measured, and recorded with what the tables need."""

import importlib.metadata
import platform

from workbench import plugins
from workbench.benchmark import data
from workbench.benchmark.measure import MeasurementPlan, measure

PACKAGES = ("numpy", "scipy", "scikit-learn", "celer", "skglm", "numba", "python-crfsuite")


def run_case(job):
    """Return the record of a case, given its `BenchmarkCaseJob`."""
    case = plugins.load_module(job.module)
    record = {
        "case": job.case,
        "title": case.title,
        "plan": job.plan,
        "not_run": job.not_run,
        "convex": case.convex,
        "datasets": list(job.sources),
        "settings": [],
        "versions": versions(),
    }
    if job.not_run and not job.sources:
        return record
    for setting, given in case.settings(job.sources).items():
        shape = data.shape(given) if "X" in given else {}
        contenders = measure(job.module, given, MeasurementPlan(**job.plan))
        record["settings"].append({"setting": setting, "shape": shape, "contenders": contenders})
    return record


def versions():
    """Return {package: version} of the packages that are compared; those not installed are left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
