"""The versions of the packages that made the fits."""

from workbench.report._spec import OutputSpec
from workbench.report.render import Table
from workbench.scores import VERSION_COLUMNS, read_table


def build(run, inputs):
    """Return the table. inputs : ``versions``."""
    found = read_table(inputs["versions"], VERSION_COLUMNS)
    return Table(
        title="Versions",
        columns=["Package", "Version", "Fits made with it"],
        align="llr",
        blocks=[(None, found.astype(str).to_numpy().tolist())],
        records=found.to_dict("records"),
    )


SPEC = OutputSpec("Versions", "Fits", 40, build, reads=("versions",))
