"""Statements of the survey of Yu et al. (2024), each with its effect, its verdict and the rule behind it."""

from workbench.papers.yu2024.statements import (
    STATEMENTS,
    examine,
    fits_read,
    is_about_survey,
    splits_read,
)
from workbench.report._spec import OutputSpec
from workbench.report.tables.claims import READS, claims_table

RULES = (
    "docs/statements.md gives the reasons for the bounds of the statements. S12 and S13 are examined by make "
    "networks. The datasets are those of config/statements.yaml.",
)


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.yu2024.measures.SurveyResults`."""
    heads = ["Statement", "Where", "The survey says"]
    sets = {"all": examine(run, inputs)}
    return claims_table("Statements of the survey", heads, STATEMENTS, sets, RULES)


SPEC = OutputSpec(
    "Statements",
    "Claims",
    35,
    build,
    reads=READS,
    applies=is_about_survey,
    fits=fits_read,
    splits=splits_read,
)
