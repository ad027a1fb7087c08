"""Reading variables from a MATLAB file, with errors that name the file and the variable.

Two formats have the suffix .mat: v5, and v7.3, which is HDF5 and holds every array transposed.
"""

import math
import os
import resource
import signal

import numpy as np

from amtl.errors import InputError
from workbench.datasets._common import require_finite

HDF5_HEADER = b"MATLAB 7.3"
# Signals that end a process on an invalid memory access or a similar fault.
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)
# Larger variables do not belong to any dataset here and might fill the memory.
MAX_VARIABLE_BYTES = 8 << 30


def read(path, names, optional=()):
    """Return the numeric variables `names` of the MATLAB file `path`, and those of `optional` that it has.

    Integers become int64 and everything else float64: the files hold uint8 and uint16, whose products and
    differences overflow without a warning.
    Raises InputError for a damaged file, a missing variable, one that is too large, and NaN or infinite
    values.
    """
    content = _load(path, [*names, *optional])
    require_variables(path, names, content)
    return {name: _numeric(path, name, content[name]) for name in (*names, *optional) if name in content}


def read_cells(path, names):
    """Return the cell arrays `names` of a MATLAB v5 file as lists of numeric arrays; errors as of `read`."""
    content = _load(path, names)
    require_variables(path, names, content)
    found = {}
    for name in names:
        cells = content[name]
        if not isinstance(cells, np.ndarray) or cells.dtype != object:
            raise InputError(
                f"{path}: variable {name!r} is not a cell array; not the right file, get a fresh copy"
            )
        found[name] = [_numeric(path, f"{name}{{{k}}}", cell) for k, cell in enumerate(cells.ravel(), 1)]
    return found


def _load(path, names):
    """Return {name: content} of those of `names` that the file has."""
    version = "v5"
    try:
        with open(path, "rb") as stream:
            if stream.read(len(HDF5_HEADER)) == HDF5_HEADER:
                version = "v7.3"
            stream.seek(0)
            return (_load_hdf5 if version == "v7.3" else _load_v5)(stream, names)
    except _TooLarge as error:
        raise InputError(f"{path}: {error}; not the right file, get a fresh copy") from None
    except Exception as error:  # scipy and h5py raise errors of many kinds on damaged files
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path}: not a readable MATLAB {version} file ({type(error).__name__.strip('_')}: {reason}); "
            "it is damaged or incomplete, get a fresh copy"
        ) from None


def require_variables(path, names, content):
    """Raise InputError that names the first of the variables `names` that is not in `content`."""
    missing = next((name for name in names if name not in content), None)
    if missing is not None:
        raise InputError(f"{path}: variable {missing!r} is missing; not the right file, get a fresh copy")


class _TooLarge(Exception):
    """A variable does not fit into memory."""


def _require_room(name, shape):
    size = 8 * math.prod(shape)
    if size > MAX_VARIABLE_BYTES:
        raise _TooLarge(
            f"variable {name!r} of shape {shape} takes {size:,} bytes, more than {MAX_VARIABLE_BYTES:,}"
        )


class _Crash(Exception):
    """The library crashes on the file."""


def _load_v5(stream, names):
    import scipy.io  # noqa: F401  imported once, before the fork

    _require_no_crash(lambda: _read_v5(stream.name, names))
    return _read_v5(stream.name, names)


def _require_no_crash(read):
    """Raise _Crash when `read` crashes its process: scipy reads invalid memory on some damaged v5 files.

    A child process tries it first. Exceptions of `read` are left to the second try in this process.
    """
    child = os.fork()
    if child == 0:
        try:
            # No core file in the user's folder.
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            for each in CRASHES:
                signal.signal(each, signal.SIG_DFL)
            read()
        finally:
            os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in CRASHES:
        raise _Crash(f"reading it ends in {signal.Signals(os.WTERMSIG(status)).name}")


def _read_v5(path, names):
    from scipy.io import loadmat, whosmat

    for name, shape, _ in whosmat(path, appendmat=False):
        if name in names:
            _require_room(name, shape)
    return loadmat(path, variable_names=names, appendmat=False)


def _load_hdf5(stream, names):
    """Return the `names` that the file has as arrays in MATLAB's orientation; None if it is not an array."""
    import h5py

    content = {}
    with h5py.File(stream) as archive:
        for name in names:
            if name in archive:
                variable = archive[name]
                _require_room(name, getattr(variable, "shape", ()))
                # Text is stored as numbers; an attribute tells it from numbers.
                text = variable.attrs.get("MATLAB_class") == b"char"
                content[name] = variable[()].T if isinstance(variable, h5py.Dataset) and not text else None
    return content


def _numeric(path, name, values):
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iuf":
        raise InputError(
            f"{path}: variable {name!r} is not a numeric array; not the right file, get a fresh copy"
        )
    if values.dtype.kind in "iu":
        if values.size and values.max() > np.iinfo(np.int64).max:
            raise InputError(
                f"{path}: variable {name!r} holds {values.max()}, too large for an integer; "
                "not the right file, get a fresh copy"
            )
        return values.astype(np.int64)
    require_finite(path, name, values)
    return values.astype(np.float64)


def whole_numbers(path, name, values):
    """Return `values`, row numbers of any numeric type, as int64 (n,).

    Raises InputError, naming the variable and the first bad value, for a fraction.
    """
    values = values.ravel()
    fractions = np.flatnonzero(values != np.rint(values))
    if len(fractions):
        raise InputError(
            f"{path}: {name} holds {values[fractions[0]]:g} instead of a row number; get a clean copy"
        )
    return values.astype(np.int64)


def task_offsets(path, name, starts, n_rows, n_tasks):
    """Return 0-based offsets (T + 1,) from the 1-based row `starts` of the tasks.

    Raises InputError, naming the task, unless every task has rows and all n_rows rows have a task.
    """
    starts = whole_numbers(path, name, starts)
    if len(starts) != n_tasks:
        raise InputError(f"{path}: {name} has {len(starts)} entries, expected one per task: {n_tasks}")
    if starts[0] != 1:
        raise InputError(
            f"{path}: {name} starts at {starts[0]}, but rows are counted from 1 in this file; "
            "get a clean copy"
        )
    offsets = np.minimum(np.append(starts - 1, n_rows), n_rows).astype(np.int64)
    empty = np.flatnonzero(np.diff(offsets) <= 0)
    if len(empty):
        task = empty[0]
        first, end = (f"{value}" for value in np.append(starts, n_rows + 1)[task : task + 2])
        raise InputError(
            f"{path}: task {task + 1} has no rows by {name} ({n_rows} rows in all): it begins at row {first} "
            f"and the next at {end}; get a fresh copy"
        )
    return offsets
