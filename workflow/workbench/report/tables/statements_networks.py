"""Statements of the survey of Yu et al. (2024) on optimisation, each with effect, verdict and rule."""

from workbench.papers.yu2024.networks import (
    STATEMENTS,
    examine,
    fits_read,
    is_about_networks,
    splits_read,
)
from workbench.report._spec import OutputSpec
from workbench.report.tables.claims import READS, claims_table

RULES = (
    "docs/small-networks-statements.md gives the reasons for the bounds. The datasets are those of "
    "config/networks.yaml.",
)


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.results.Results`."""
    heads = ["Statement", "Where", "The survey says"]
    sets = {"all": examine(run, inputs)}
    return claims_table("Statements of the survey on optimisation", heads, STATEMENTS, sets, RULES)


SPEC = OutputSpec(
    "Statements on optimisation",
    "Claims",
    60,
    build,
    reads=READS,
    applies=is_about_networks,
    fits=fits_read,
    splits=splits_read,
)
