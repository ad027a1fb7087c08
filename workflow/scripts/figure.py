"""Draw one figure in every format asked for."""

import os

from workbench.jobs import FigureJob
from workbench.report import _inputs
from workbench.report.figures import _style


def main():
    # Matplotlib reads it when it is imported; a notebook's backend cannot be loaded here.
    os.environ.pop("MPLBACKEND", None)
    _inputs.run_script(FigureJob, __doc__, ".svg, .pdf or .png", _style.save)
