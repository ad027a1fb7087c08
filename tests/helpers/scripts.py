"""Running a script of the workflow as its rule does."""

import json
import os
import subprocess
import sys
from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[2] / "workflow"


def run_script(name, *arguments, folders=(), **environment):
    """Run a script by name; folders : those that hold plug-in folders. Return the finished process."""
    return _run(["-P", "-m", "workbench.run_script", name, *map(str, arguments)], folders, environment)


def run_python(program, *arguments, **environment):
    """Run a program, given as text, that may import our packages. Return the finished process."""
    return _run(["-c", program, *map(str, arguments)], (), environment)


def _run(arguments, folders, environment):
    plugins = json.dumps([str(folder) for folder in folders])
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW), "WORKBENCH_PLUGINS": plugins, **environment},
        capture_output=True,
        text=True,
    )
