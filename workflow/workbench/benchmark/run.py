"""One case of the benchmark: every setting measured, written down with what it takes to read the numbers."""

import importlib
import importlib.metadata
import platform

from workbench.benchmark import data
from workbench.benchmark.measure import Plan, measure

PACKAGES = ("numpy", "scipy", "scikit-learn", "celer", "skglm")


def run_case(case, job):
    """Return the record of a case.

    job : ``plan``, the fields of a `Plan`; ``sources``, {dataset: {"split", "fits": {method: path}}}; and
        ``not_run``, {dataset: reason} of those that could not be had.
    """
    name = f"workbench.benchmark.cases.{case.replace('-', '_')}"
    module = importlib.import_module(name)
    record = {"case": case, "title": module.TITLE, "plan": job["plan"], "not_run": job["not_run"]}
    record |= {
        "convex": module.CONVEX,
        "datasets": list(job["sources"]),
        "settings": [],
        "versions": versions(),
    }
    if job["not_run"] and not job["sources"]:
        return record
    for setting, given in module.settings(job["sources"]).items():
        shape = data.shape(given) if "X" in given else {}
        contenders = measure(name, given, Plan(**job["plan"]))
        record["settings"].append({"setting": setting, "shape": shape, "contenders": contenders})
    return record


def versions():
    """Return {package: version} of what is compared; a package that is not installed is left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
