"""What a fit job costs beside its fit: processor seconds of the process minus those of the fit."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from amtl.methods.graph import amtl
from amtl.methods.single import stl
from workbench.benchmark import data
from workbench.benchmark.contenders import Answer, Contender
from workbench.code_dependencies import ROOT

TITLE = "Start-up of a fit job"
DATASETS = ("synthetic",)
CONVEX = True
FITS = ()
METHODS = {"stl": stl, "amtl": amtl}
POINTS = 6


def settings(sources):
    """Return a small job of each method."""
    return {
        name: {"split": os.path.abspath(sources["synthetic"]["split"]), "job": json.dumps(_job(name, method))}
        for name, method in METHODS.items()
    }


def _job(name, method):
    job = {"dataset": "synthetic", "split": 1, "method": name, "title": name, "module": name}
    job |= {
        "loss": "squared",
        "options": data.default_options(method),
        "grid_points": POINTS,
        "seed": 0,
        "code": "",
    }
    return job | {"max_iterations": 1000, "tolerance": 1e-3}


def judge(given):
    """Return the judge of nothing: a job has no optimum."""
    return lambda result: (None, None)


def contenders(given):
    """Return the job."""
    return [Contender("ours", lambda: _job_runner(given))]


def _job_runner(given):
    def run(tolerance, limit):
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "fit.json"
            command = [sys.executable, ROOT / "scripts" / "fit.py", "--job", given["job"]]
            command += ["--split", given["split"], "--npz", Path(folder) / "fit.npz", "--json", record]
            process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise RuntimeError("the job failed")
            fit = json.loads(record.read_text(encoding="utf-8"))["seconds"]["total"]
        return Answer(None, {"start_up_cpu": usage.ru_utime + usage.ru_stime - fit})

    return run
