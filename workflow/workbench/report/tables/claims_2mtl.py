"""Claims of Sun et al. on 2MTL, each with its effect, its verdict and the rule behind it."""

from workbench.papers.results import splits_read
from workbench.papers.sun_2mtl.claims import CLAIMS, examine, fits_read, is_about_2mtl, solvers_read
from workbench.report._spec import OutputSpec
from workbench.report.tables.claims import READS, claims_table

RULES = (
    "docs/2mtl.md gives the reasons for the bounds of these claims. The datasets are those of "
    "config/2mtl.yaml. The paper prints no numbers to compare with.",
)


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.sun_2mtl.claims.SolverResults`."""
    heads = ["Claim", "Where", "The paper says"]
    sets = {"all": examine(run, inputs)}
    return claims_table("Claims on 2MTL", heads, CLAIMS, sets, RULES)


SPEC = OutputSpec(
    "Claims on 2MTL",
    "Claims",
    50,
    build,
    reads=READS,
    applies=is_about_2mtl,
    fits=fits_read,
    splits=splits_read,
    solvers=solvers_read,
)
