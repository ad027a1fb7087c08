"""Copy the results of a benchmark to the folder that is kept, and its table to the front page."""

import argparse
from pathlib import Path

from workbench import pages
from workbench.errors import run
from workbench.result_files import replacing, write_text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs="+", required=True, help="the files to copy")
    parser.add_argument("--folder", type=Path, required=True, help="where to")
    parser.add_argument("--page", type=Path, required=True, help="the page that shows the table")
    args = parser.parse_args()
    tables = {}
    for file in map(Path, args.files):
        with replacing(args.folder / file.name) as temporary:
            temporary.write_bytes(file.read_bytes())
        if file.suffix == ".md":
            tables[f"{args.folder.name}/{file.name}"] = file.read_text(encoding="utf-8")
    write_text(args.page, pages.renew(args.page.read_text(encoding="utf-8"), "published", tables))


if __name__ == "__main__":
    run(main)
