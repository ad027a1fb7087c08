"""Every part of every claim on 2MTL: the evidence for the verdicts."""

from workbench.papers.results import splits_read
from workbench.papers.sun_2mtl.claims import CLAIMS, examine, fits_read, is_about_2mtl, solvers_read
from workbench.report._spec import OutputSpec
from workbench.report.tables.claims import READS
from workbench.report.tables.evidence import evidence_table

RULES = ("A detail does not count for the verdict.",)


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.sun_2mtl.claims.SolverResults`."""
    sets = {"all": examine(run, inputs)}
    return evidence_table("Evidence for the claims on 2MTL, part by part", CLAIMS, sets, RULES)


SPEC = OutputSpec(
    "Claims on 2MTL, evidence",
    "Claims",
    55,
    build,
    reads=READS,
    applies=is_about_2mtl,
    fits=fits_read,
    splits=splits_read,
    solvers=solvers_read,
)
