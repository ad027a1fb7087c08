"""Write the summary that `make` prints: the main tables, and how they compare with the published ones."""

import argparse
from pathlib import Path

from workbench.jobs import PlainJob
from workbench.result_files import write_text

COMPARISON = "difference"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=PlainJob.from_json, required=True, help="the PlainJob as JSON")
    parser.add_argument(
        "--tables", nargs="*", type=Path, required=True, help="markdown files, in their order"
    )
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    parts = []
    for path in arguments.tables:
        text = path.read_text(encoding="utf-8").strip()
        if path.stem == COMPARISON:
            text = next(
                line
                for line in text.splitlines()
                if line.startswith(("Compared with", "Nothing is published"))
            )
        parts.append(text)
    arguments.job.require_code()
    write_text(arguments.output, "\n\n".join(parts) + "\n")
