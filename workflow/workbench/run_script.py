"""Run one script of ``workflow/scripts``: ``python -P -m workbench.run_script NAME ARGUMENT...``.

Our modules are compiled from source here (`workbench.source_loader`), and errors of the user's input end the
script with one line (`workbench.errors`).
"""

import json
import os
import sys

# One BLAS thread per job, set before numpy is imported: two jobs with two threads each are far slower on two
# cores.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import importlib  # noqa: E402

from workbench import source_loader  # noqa: E402


def main():
    name, *arguments = sys.argv[1:]
    plugins = json.loads(os.environ.get("WORKBENCH_PLUGINS", "[]"))
    sys.path.extend(plugins)
    source_loader.use_for([os.environ["PYTHONPATH"], *plugins])
    errors = importlib.import_module("workbench.errors")
    script = importlib.import_module(f"scripts.{name}")
    sys.argv = [name, *arguments]
    errors.run(script.main)


if __name__ == "__main__":
    main()
