"""ARFF files: the header names the columns, the rest is a table with commas."""

import io
import re

from amtl.errors import InputError
from workbench.datasets._tables import text

# Name, plain or in quotation marks, and type, which some files leave out.
ATTRIBUTE = re.compile(r"""@attribute\s+(?:'([^']*)'|"([^"]*)"|(\S+))\s*(.*)""", re.IGNORECASE)


def read(path, columns=None):
    """Return (names of all columns, DataFrame, notes) of an ARFF file; see `read.read`."""
    content = path.read_bytes()
    try:
        content, encoding = content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        content, encoding = content.decode("latin-1"), "latin-1"
    names, quote, body = [], None, None
    position = 0
    for line in content.splitlines(keepends=True):
        position += len(line)
        word = line.strip()
        if word.lower() == "@data":
            body = content[position:]
            break
        if word.lower().startswith("@attribute"):
            found = ATTRIBUTE.fullmatch(word)
            if found is None:
                raise InputError(f"{path}: {word[:60]!r} is no declaration of an attribute; correct it")
            names.append(text.clean(next(each for each in found.groups() if each is not None)))
            quote = quote or ("'" if "'" in found[4] else None)
    if body is None:
        raise InputError(f"{path}: no line '@data'; not an ARFF file, or an incomplete one")
    if not names:
        raise InputError(f"{path}: no line '@attribute' above '@data'; not an ARFF file")
    text.require_names(path, names)
    lines = (line.strip() for line in body.splitlines())
    # A semicolon ends the lines of some files.
    lines = [line.rstrip(";") for line in lines if line and not line.startswith("%")]
    if lines and lines[0].startswith("{"):
        raise InputError(f"{path}: a sparse ARFF file ({lines[0][:30]} ...); save it as CSV")
    for number, line in enumerate(lines, 1):
        if line.count(",") < len(names) - 1:
            raise InputError(
                f"{path}: row {number} below '@data' has {line.count(',') + 1} values, but there are "
                f"{len(names)} attributes; complete it, with ? for missing values"
            )
    settings = {"header": None, "names": names, "index_col": False, "skipinitialspace": True}
    settings |= {"na_values": text.MISSING}
    settings |= {"quotechar": quote or ('"' if '"' in body else "'")}
    if columns is not None:
        settings["usecols"] = [k for k, name in enumerate(names) if name in columns]
    if not lines:
        raise InputError(f"{path}: no rows below '@data'; give a table with data")
    frame = text.parse(path, io.StringIO("\n".join(lines)), settings)
    return names, frame, [f"Encoding: {encoding}."] if encoding != "utf-8" else []
