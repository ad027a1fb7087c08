"""A user's table as a pandas DataFrame. The suffix of the file says its format."""

from dataclasses import dataclass, field
from pathlib import Path

from amtl.errors import InputError
from workbench.datasets._tables import arff, text

# What the first bytes of a file say, where its suffix says something else.
ZIP, OLD_EXCEL, PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
EXTRA = "run `make .venv/tables` once, or save the table as CSV"


@dataclass
class RawTable:
    """A table as it was read.

    file : name of the file, for messages. names : of all its columns, different texts. frame : the
    DataFrame, of all columns or of those that were asked for. notes : sentences on what was recognised, such
    as the delimiter.
    """

    file: str
    names: list
    frame: object
    notes: list = field(default_factory=list)


def read(path, columns=None):
    """Return the `RawTable` of the file at `path`.

    columns : names of the columns that are needed, or None for all; unknown names are ignored.
    Raises InputError that names the file, the row or the column, and what to do.
    """
    path = Path(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: unknown format {path.suffix!r}; save the table as one of {', '.join(READERS)}"
        )
    _require_format(path)
    names, frame, notes = reader(path, columns)
    text.require_names(path, names)
    if len(frame) == 0:
        raise InputError(f"{path}: the table has no rows below its header; give a table with data")
    return RawTable(path.name, list(names), frame, notes)


def _require_format(path):
    """Raise InputError for a file that cannot be read, or whose content belies its suffix."""
    try:
        with open(path, "rb") as stream:
            start = stream.read(8)
    except FileNotFoundError:
        raise InputError(
            f"{path}: no such file; give its path, relative to the working directory or absolute"
        ) from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; give the path of one table") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    if not start:
        raise InputError(f"{path}: the file is empty; give a table with a header and rows")
    suffix = path.suffix.lower()
    if start.startswith(OLD_EXCEL):
        raise InputError(f"{path}: an Excel file of the old format .xls; save it as .xlsx or CSV")
    if start.startswith(ZIP) and suffix not in (".xlsx", ".npz"):
        raise InputError(
            f"{path}: this is an Excel workbook or another zip archive, not text; save it as CSV, or "
            "give it its own suffix"
        )
    if start.startswith(PARQUET) and suffix != ".parquet":
        raise InputError(f"{path}: this is a Parquet file; rename it to .parquet")
    if not start.startswith(ZIP) and suffix in (".xlsx", ".npz"):
        raise InputError(f"{path}: not a {suffix} file, or damaged; save it again")


def _read_parquet(path, columns):
    _require_package("pyarrow", path)
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        names = parquet.read_schema(path).names
        wanted = names if columns is None else [name for name in names if name in columns]
        frame = parquet.read_table(path, columns=wanted).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path}: not a readable Parquet file ({text.one_line(error)}); save it again"
        ) from None
    return names, frame, []


def _read_excel(path, columns):
    _require_package("openpyxl", path)
    import pandas as pd

    try:
        sheets = pd.read_excel(path, sheet_name=None, header=None, na_values=text.MISSING)
    except Exception as error:  # openpyxl raises errors of many kinds for a damaged file
        raise InputError(
            f"{path}: not a readable Excel workbook ({text.one_line(error)}); save it again"
        ) from None
    full = {name: sheet for name, sheet in sheets.items() if sheet.size}
    if len(full) != 1:
        found = f"{len(full)} sheets with content ({', '.join(full)})" if full else "no content"
        raise InputError(f"{path}: {found}; keep one sheet, or save it as CSV")
    (name,) = full
    sheet = full[name]
    names = text.column_names(path, ["" if pd.isna(each) else str(each) for each in sheet.iloc[0]])
    frame = sheet.iloc[1:].reset_index(drop=True).infer_objects()
    frame.columns = names
    return names, _only(frame, columns), [f"Sheet {name!r}."]


def _read_npz(path, columns):
    import numpy as np
    import pandas as pd

    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # a damaged archive raises errors of many kinds
        raise InputError(
            f"{path}: not a readable npz file ({text.one_line(error)}); save plain arrays with numpy.savez"
        ) from None
    given = arrays.pop("feature_names", None)
    found = {}
    for name, array in arrays.items():
        if array.ndim == 1:
            found[name] = array
        elif array.ndim == 2:
            heads = [f"{name}{k}" for k in range(1, array.shape[1] + 1)]
            if given is not None and len(given) == array.shape[1]:
                heads = [str(each) for each in given]
            found.update(zip(heads, array.T, strict=True))
        else:
            raise InputError(
                f"{path}: array {name!r} has {array.ndim} dimensions; give arrays of one (a column) or two "
                "(rows of features)"
            )
    lengths = {name: len(column) for name, column in found.items()}
    if len(set(lengths.values())) > 1:
        longest, shortest = max(lengths, key=lengths.get), min(lengths, key=lengths.get)
        raise InputError(
            f"{path}: {longest!r} has {lengths[longest]} rows and {shortest!r} has {lengths[shortest]}; "
            "all arrays need the same number of rows"
        )
    return list(found), _only(pd.DataFrame(found, copy=False), columns), []


def _only(frame, columns):
    return frame if columns is None else frame[[name for name in frame if name in columns]]


def _require_package(name, path):
    from importlib.util import find_spec

    if find_spec(name) is None:
        raise InputError(f"{path}: needs the package {name}; {EXTRA}")


READERS = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".data", ".dat"), text.read),
    ".parquet": _read_parquet,
    ".xlsx": _read_excel,
    ".arff": arff.read,
    ".npz": _read_npz,
}
