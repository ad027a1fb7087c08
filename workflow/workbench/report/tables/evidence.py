"""Every tested part of every claim: what the verdicts rest on."""

from workbench.papers.lee2016.claims import CLAIMS
from workbench.report.render import Table
from workbench.report.tables.claims import PAPER_SPLITS, count_text, effect_fields, effect_text, examine


def build(job, inputs):
    """Return the table. job and inputs: those of `workbench.papers.results.Results`."""
    first, everything = examine(job, inputs)
    sets = [(f"the first {PAPER_SPLITS}", first)] + ([("all", everything)] if everything else [])
    blocks, records = [], []
    for claim in CLAIMS:
        rows = []
        for columns in zip(*(found[claim.id].parts for _, found in sets), strict=True):
            cells = [cell for part in columns for cell in _cells(part)]
            # The name may say which other method was the closest, which can differ.
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
            "Larger effects speak for the claim. What each effect is, and when a part holds, is said below "
            "the table of the claims. A detail, such as the authors' released file, has no say in the "
            "verdict."
        ],
        records=records,
    )


def _cells(part):
    return [effect_text(part), count_text(part), part.outcome if part.counts else f"detail: {part.outcome}"]
