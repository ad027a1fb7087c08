"""Markdown pages with generated parts: the text between two marks is replaced, the rest is kept."""

import re
from pathlib import Path

from workbench.result_files import replacing, write_text


def renew(text, kind, parts):
    """Return `text` with each part of ``parts`` = {name: markdown} between its marks.

    The marks are the lines ``<!-- KIND: NAME -->`` and ``<!-- end -->``. A part without marks is ignored.
    """
    for name, part in parts.items():
        pattern = re.compile(rf"(<!-- {kind}: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = pattern.sub(lambda match, part=part: f"{match[1]}{part.strip()}\n{match[2]}", text)
    return text


def renew_file(page, kind, files):
    """Renew the parts of the file `page` with the markdown files among ``files`` = {name: path}."""
    parts = {name: path.read_text(encoding="utf-8") for name, path in files.items() if path.suffix == ".md"}
    write_text(page, renew(page.read_text(encoding="utf-8"), kind, parts))


def copy_files(files, folder):
    """Copy `files` to `folder`; return {name: path of the original}."""
    originals = {Path(file).name: Path(file) for file in files}
    for name, original in originals.items():
        with replacing(folder / name) as temporary:
            temporary.write_bytes(original.read_bytes())
    return originals
