"""Every part of every statement of the survey: the evidence for the verdicts."""

from workbench.papers.yu2024.statements import (
    STATEMENTS,
    examine,
    fits_read,
    is_about_survey,
    splits_read,
)
from workbench.report._spec import OutputSpec
from workbench.report.tables.claims import READS
from workbench.report.tables.evidence import evidence_table

RULES = ("A detail does not count for the verdict.",)


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.yu2024.measures.SurveyResults`."""
    sets = {"all": examine(run, inputs)}
    return evidence_table("Evidence for the statements, part by part", STATEMENTS, sets, RULES)


SPEC = OutputSpec(
    "Statements, evidence",
    "Claims",
    40,
    build,
    reads=READS,
    applies=is_about_survey,
    fits=fits_read,
    splits=splits_read,
)
