"""Tables in text files: encoding, delimiter, header and decimal mark are read off their first lines."""

import csv
import io
import re
import warnings

from amtl.errors import InputError
from amtl.splits import CONTROLS

# Cells that stand for a missing value, besides those that pandas knows: empty, NA, NaN, null, n/a, ...
MISSING = ["?"]
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
# The first bytes and lines of a file, from which its form is recognised.
SAMPLE_BYTES, SAMPLE_LINES = 1 << 18, 200
CHUNK = 50_000
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
# Numbers with a mark of thousands: 18,418 or 18.418, which may be decimals; and with both, such as 1,234.5.
THOUSANDS = {",": re.compile(r"[+-]?\d{1,3}(,\d{3})+"), ".": re.compile(r"[+-]?\d{1,3}(\.\d{3})+")}
BOTH_MARKS = re.compile(r"[+-]?\d{1,3}((,\d{3})+\.|(\.\d{3})+,)\d+")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def read(path, columns=None):
    """Return (names of all columns, DataFrame, notes) of a text file with a delimiter; see `read.read`."""
    with open(path, "rb") as stream:
        start = stream.read(SAMPLE_BYTES)
    encoding = next((name for mark, name in MARKS if start.startswith(mark)), None)
    if encoding is None and b"\0" in start:
        raise InputError(f"{path}: not a text file (it has NUL bytes); save the table as CSV")
    for attempt in [encoding] if encoding else ["utf-8", "cp1252", "latin-1"]:
        try:
            return _read(path, start, attempt, columns)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path}: not readable as {encoding}; save the table as CSV in UTF-8")


def _read(path, start, encoding, columns):

    lines = _sample(start, encoding)
    delimiter = _delimiter(path, lines)
    rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    names = column_names(path, rows[0])
    decimal = _decimal(path, delimiter, rows[1:])
    settings = {"sep": delimiter, "encoding": encoding, "decimal": decimal, "na_values": MISSING}
    settings |= {"header": 0, "names": names, "index_col": False, "skipinitialspace": True}
    if columns is not None:
        settings["usecols"] = [k for k, name in enumerate(names) if name in columns]
    frame = parse(path, path, settings)
    if columns is None:
        require_whole_rows(path, frame, encoding, delimiter)
    notes = [f"Delimiter: {DELIMITERS[delimiter]}."] if delimiter != "," else []
    notes += ["Decimal commas."] if decimal == "," else []
    notes += [f"Encoding: {encoding}."] if encoding not in ("utf-8", "utf-8-sig") else []
    return names, frame, notes


def parse(path, source, settings):
    """Return the DataFrame that pandas reads from `source`; errors name the file `path`."""
    import pandas as pd

    with warnings.catch_warnings():
        # Lines that are longer than the header would lose their last cells.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        # Columns with numbers and texts are reported when they are used.
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        try:
            return _in_chunks(pd.read_csv(source, chunksize=CHUNK, **settings))
        except pd.errors.ParserWarning:
            problem = "lines have more cells than the header"
        except pd.errors.ParserError as error:
            problem = one_line(error).removeprefix("Error tokenizing data. C error: ")
    hint = "give each line as many cells as the header has"
    hint = "close the quotation mark" if "inside string" in problem else hint
    raise InputError(f"{path}: not a regular table: {problem}; {hint}, or save the table again")


def _in_chunks(chunks):
    """Return one DataFrame of all chunks, each column an array of its own.

    Reading at once needs three times the memory of the table.
    """
    import pandas as pd

    pieces = {}
    for chunk in chunks:
        for k, name in enumerate(chunk.columns):
            pieces.setdefault(name, []).append(chunk.iloc[:, k].copy())
    columns = {name: pd.concat(pieces.pop(name), ignore_index=True) for name in list(pieces)}
    return pd.DataFrame(columns, copy=False)


def require_whole_rows(path, frame, encoding, delimiter):
    """Raise InputError that names the first line with fewer cells than the header.

    pandas fills such a line with missing values, so only a table whose last column has some is looked at.
    """
    if len(frame) == 0 or not frame.iloc[:, -1].isna().any():
        return
    with open(path, encoding=encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True)
        for row in reader:
            if row and len(row) < frame.shape[1] and any(cell.strip() for cell in row):
                raise InputError(
                    f"{path}: line {reader.line_num} has {len(row)} cells, the header {frame.shape[1]}; "
                    "complete the line, with empty cells for missing values"
                )


def column_names(path, cells):
    """Return the names of the columns from the cells of the header.

    A column without a name is called ``column K``. Raises InputError for a header that holds numbers.
    """
    cells = [clean(cell) for cell in cells]
    filled = [cell for cell in cells if cell]
    if filled and all(NUMBER.fullmatch(cell) for cell in filled):
        raise InputError(
            f"{path}: the first line holds numbers ({', '.join(filled[:3])}, ...), not names of columns; add "
            "a header"
        )
    names = [cell or f"column {k}" for k, cell in enumerate(cells, 1)]
    require_names(path, names)
    return names


def require_names(path, names):
    """Raise InputError unless all names of columns are different."""
    seen = {}
    for number, name in enumerate(names, 1):
        if name in seen:
            raise InputError(
                f"{path}: columns {seen[name]} and {number} are both called {name!r}; rename one of them"
            )
        seen[name] = number


def clean(text):
    """Return `text` on one line: control characters become a space, and the ends have no space."""
    return " ".join(CONTROLS.sub(" ", text).split())


def one_line(error):
    """Return the message of an exception on one line."""
    return " ".join(str(error).split())[:200]


def _sample(start, encoding):
    """Return the first lines of the file that are not blank; the last one may be cut, so it is left out."""
    whole = len(start) < SAMPLE_BYTES
    text = start.decode(encoding, errors="strict" if whole else "ignore")
    lines = io.StringIO(text, newline="").readlines()
    lines = lines if whole or len(lines) < 2 else lines[:-1]
    return [line for line in lines if line.strip()][:SAMPLE_LINES]


def _delimiter(path, lines):
    """Return the delimiter with which the most lines have as many cells as the header, at least two."""
    if not lines:
        raise InputError(f"{path}: the file is empty; give a table with a header and rows")
    scores = {}
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row]
        except csv.Error:
            continue
        width = len(rows[0])
        if width > 1:
            scores[delimiter] = (sum(len(row) == width for row in rows) / len(rows), width)
    if not scores:
        known = ", ".join(DELIMITERS.values())
        raise InputError(
            f"{path}: the first line has one column only ({clean(lines[0])[:40]!r}); separate the columns "
            f"by one of: {known}"
        )
    return max(scores, key=scores.get)


def _decimal(path, delimiter, rows):
    """Return the decimal mark: a comma if numbers have one, and none has a point.

    Raises InputError where the points may be marks of thousands beside decimal commas.
    """
    if delimiter == ",":
        return "."
    cells = [cell.strip() for row in rows for cell in row]
    points = [cell for cell in cells if DECIMAL_POINT.fullmatch(cell)]
    commas = [cell for cell in cells if DECIMAL_COMMA.fullmatch(cell)]
    if points and commas and all(THOUSANDS["."].fullmatch(cell) for cell in points):
        raise InputError(
            f"{path}: some numbers have a comma, such as {commas[0]!r}, others a point, such as "
            f"{points[0]!r}: is the point a mark of thousands? Write all with a decimal point and no other "
            "mark"
        )
    return "," if commas and not points else "."
