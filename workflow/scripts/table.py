"""Make one table in every format asked for."""

from workbench.jobs import TableJob
from workbench.report import _inputs, render


def main():
    _inputs.run_script(TableJob, __doc__, ".csv, .md, .tex or .html", render.write)
