"""Every part of every claim: the evidence for the verdicts."""

from workbench.papers.lee2016.claims import CLAIMS, fits_read
from workbench.report._spec import OutputSpec
from workbench.report.render import Table
from workbench.report.tables.claims import (
    PAPER_SPLITS,
    READS,
    count_text,
    effect_fields,
    effect_text,
    examine,
)


def build(run, inputs):
    """Return the table. inputs : those of `workbench.papers.results.Results`."""
    first, everything = examine(run, inputs)
    sets = [(f"the first {PAPER_SPLITS}", first)] + ([("all", everything)] if everything else [])
    blocks, records = [], []
    for claim in CLAIMS:
        rows = []
        for columns in zip(*(found[claim.id].parts for _, found in sets), strict=True):
            cells = [cell for part in columns for cell in _cells(part)]
            # The name may hold the closest other method, which can differ between the two.
            names = list(dict.fromkeys(part.name for part in columns))
            rows.append([" / ".join(names), *cells, columns[-1].note])
        blocks.append((f"{claim.id}. {claim.text}", rows))
        for name, found in sets:
            for part in found[claim.id].parts:
                records.append(
                    {
                        "claim": claim.id,
                        "splits": name,
                        "part": part.name,
                        "outcome": part.outcome,
                        "counts": int(part.counts),
                        **effect_fields(part),
                        "note": part.note,
                    }
                )
    groups = [("", 1), ("First 5 splits", 3), ("All splits", 3), ("", 1)]
    return Table(
        title="Evidence for the claims, part by part",
        columns=["Part", *["Effect", "n", "Outcome"] * len(sets), "Note"],
        align="l" + "rrl" * len(sets) + "w",
        blocks=blocks,
        groups=groups if everything else [],
        notes=[
            "Larger effects speak for the claim. The notes of the table of claims define each effect and the "
            "rule of each part. A detail, such as the authors' released file, does not count for the verdict."
        ],
        records=records,
    )


def _cells(part):
    return [effect_text(part), count_text(part), part.outcome if part.counts else f"detail: {part.outcome}"]


SPEC = OutputSpec(label="Evidence", section="Claims", order=20, make=build, reads=READS, fits=fits_read)
