"""The verdicts of a run in one line. ``python -m workbench.papers.summary`` renews the line in README.md.

The line counts the claims of the published run of the paper's configuration by their outcome.
"""

import csv
import re
from collections import Counter

from workbench.papers.verdicts import OUTCOMES
from workbench.result_files import write_text
from workbench.source_loader import ROOT

PUBLISHED_CLAIMS = ROOT.parent / "results" / "published" / "paper" / "claims.csv"
README = ROOT.parent / "README.md"
LINE = re.compile(r"(?<=<!-- verdicts -->\n).*(?=\n<!-- end -->)")


def verdicts_of(path):
    """Return {claim: its verdict} of a claims.csv; where a claim has two, that of all splits, the last."""
    with open(path, encoding="utf-8", newline="") as stream:
        return {row["claim"]: row["verdict"] for row in csv.DictReader(stream)}


def one_line(verdicts):
    """Return the number of claims and how many have each outcome, as one line of text."""
    found = Counter(verdicts.values())
    # Results of an earlier version may have other outcomes.
    outcomes = [*OUTCOMES, *sorted(found.keys() - set(OUTCOMES))]
    counts = ", ".join(f"{found[outcome]} {outcome}" for outcome in outcomes if found[outcome])
    return f"{len(verdicts)} claims of the paper: {counts}."


def main():
    page = README.read_text(encoding="utf-8")
    write_text(README, LINE.sub(lambda match: one_line(verdicts_of(PUBLISHED_CLAIMS)), page))


if __name__ == "__main__":
    main()
