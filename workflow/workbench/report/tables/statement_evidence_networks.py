"""Every part of every statement of the survey on optimisation: the evidence for the verdicts."""

from workbench.papers.yu2024.networks import (
    STATEMENTS,
    examine,
    fits_read,
    is_about_networks,
    splits_read,
)
from workbench.report._spec import OutputSpec
from workbench.report.tables.claims import READS
from workbench.report.tables.evidence import evidence_table

RULES = ("A detail does not count for the verdict.",)


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.results.Results`."""
    sets = {"all": examine(run, inputs)}
    title = "Evidence for the statements on optimisation, part by part"
    return evidence_table(title, STATEMENTS, sets, RULES)


SPEC = OutputSpec(
    "Statements on optimisation, evidence",
    "Claims",
    61,
    build,
    reads=READS,
    applies=is_about_networks,
    fits=fits_read,
    splits=splits_read,
)
