"""The CPU time of a fit job outside its fit: that of the process minus that of the fit."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from amtl.methods.graph.amtl import SPEC as AMTL
from amtl.methods.single.stl import SPEC as STL
from scripts import fit as fit_script  # the timed process runs it, so its code is part of the case
from workbench.benchmark import data
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import Answer, Contender
from workbench.code_dependencies import ROOT, CodeDependencies
from workbench.jobs import FitJob
from workbench.result_files import JOB, load_record

MODULES = {"amtl.methods.single.stl": STL, "amtl.methods.graph.amtl": AMTL}
GRID_POINTS, MAX_ITERATIONS, TOLERANCE = 6, 1000, 1e-3


def settings(sources):
    """Return a small fit job of each method."""
    split = os.path.abspath(sources["synthetic"]["split"])
    with np.load(split) as archive:
        made_by = str(archive[JOB])
    return {
        spec.name: {"split": split, "job": _fit_job(module, spec, made_by).to_json()}
        for module, spec in MODULES.items()
    }


def _fit_job(module, spec, made_by):
    return FitJob(
        dataset="synthetic",
        split=1,
        method=spec.name,
        module=module,
        loss="squared",
        options=data.default_options(spec),
        grid_points=GRID_POINTS,
        seed=0,
        max_iterations=MAX_ITERATIONS,
        tolerance=TOLERANCE,
        data=made_by,
        code=CodeDependencies().digest(fit_script.__name__, module),
    )


def judge(given):
    """Return a judge without numbers: a job has no objective."""
    return lambda result: (None, None)


def contenders(given):
    """Return the job."""
    return [Contender("ours", lambda: _job_runner(given))]


def _job_runner(given):
    command = [sys.executable, "-P", "-m", "workbench.run_script", fit_script.__name__.rpartition(".")[2]]
    command += ["--job", given["job"], "--split", given["split"]]

    def run(tolerance, limit):
        with tempfile.TemporaryDirectory() as folder:
            arrays, record = Path(folder, "fit.npz"), Path(folder, "fit.json")
            process = subprocess.Popen(
                [*command, "--npz", arrays, "--json", record], env={**os.environ, "PYTHONPATH": str(ROOT)}
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise RuntimeError(f"the fit job ended with exit code {process.returncode}")
            seconds = load_record(record)["seconds"]["total"]
        return Answer(None, {"start_up_cpu": usage.ru_utime + usage.ru_stime - seconds})

    return run


SPEC = CaseSpec(
    title="Start-up of a fit job",
    convex=True,
    datasets=("synthetic",),
    settings=settings,
    contenders=contenders,
    judge=judge,
)
