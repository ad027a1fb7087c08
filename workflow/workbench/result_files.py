"""Writing and reading results. A file is whole or absent, and says which job made it.

Every record (json) and archive of arrays (npz) holds the digest of its job and a checksum of its own content.
A reader that knows which job it expects passes it; a file of another job, or one that was edited, raises
`StaleResult`.
"""

import errno
import hashlib
import json
import os
from contextlib import contextmanager
from pathlib import Path

from amtl.errors import InputError

# Errors that the user has to resolve: permissions, space, or something else at the path.
NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
NO_PLACE += (errno.EEXIST, errno.ENOTDIR, errno.EISDIR)
# The two fields that `save_record` and `save_arrays` add.
JOB, CHECKSUM = "job", "checksum"
# Between the name of a sparse array and that of its part.
SPARSE = ".csr."
# The field of a record that holds the checksums of other files.
FILES = "files"


class StaleResult(InputError):
    """The file was made by another job than the one expected, or was changed since."""


@contextmanager
def placing(path, *others):
    """Raise InputError that names `path` when the block cannot write it for lack of permission or space.

    others : further paths that the block writes on behalf of `path`.
    """
    path = Path(path)
    ours = {str(each) for each in (path, *others, *path.parents)}
    try:
        yield
    except OSError as error:
        # An error in the middle of writing has no file name.
        if error.errno not in NO_PLACE or not (error.filename is None or str(error.filename) in ours):
            raise
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); check the permissions of {path.parent}/ and the "
            "free space on its disk"
        ) from None


@contextmanager
def replacing(path):
    """Yield a temporary path in the folder of `path`; rename it to `path` when the block succeeds.

    Raises InputError that names `path` when it cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with placing(path, temporary):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path, text):
    """Write `text` to `path` in one step."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path, content):
    """Write `content` as indented JSON in its own order of keys."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def save_record(path, job, content):
    """Write `content` (a dict) as JSON with the digest of `job` and a checksum.

    Raises InputError when the code of the job is no longer the planned one.
    """
    job.require_code()
    write_json(path, {JOB: job.digest, CHECKSUM: _checksum_of_record(content), **content})


def save_file_record(path, job, files):
    """Write the record of a job whose results are other files in the folder of `path`: their checksums."""
    save_record(path, job, {FILES: {Path(file).name: file_checksum(file) for file in files}})


def load_record(path, digest=None):
    """Return the content of a record.

    digest : of the job that must have made it; None accepts any.
    Raises StaleResult for a file of another job or with another checksum, InputError for an unreadable one.
    """
    return _load(path, digest, lambda: json.loads(Path(path).read_bytes()), _checksum_of_record)


def save_arrays(path, job, arrays):
    """Write `arrays` ({name: array}) as npz with the digest of `job` and a checksum; the same content, the
    same bytes. A sparse array of scipy comes back as one.

    Raises InputError when the code of the job is no longer the planned one.
    """
    import numpy as np

    job.require_code()
    arrays = {key: np.asarray(value, order="C") for key, value in _parted(arrays).items()}
    marks = {JOB: np.array(job.digest), CHECKSUM: np.array(_checksum_of_arrays(arrays))}
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, **marks, **arrays)


def load_arrays(path, digest=None):
    """Return {name: array} of an archive; digest and errors as for `load_record`."""
    import numpy as np

    def read():
        with np.load(path, allow_pickle=False) as archive:
            return dict(archive)

    return _joined(_load(path, digest, read, _checksum_of_arrays))


def _parted(arrays):
    """Return the arrays with every sparse one as its parts, named ``NAME.csr.PART``."""
    found = {}
    for name, value in arrays.items():
        if hasattr(value, "tocsr"):
            rows = value.tocsr()
            rows.sort_indices()
            found |= {f"{name}{SPARSE}{part}": getattr(rows, part) for part in ("data", "indices", "indptr")}
            found[f"{name}{SPARSE}shape"] = rows.shape
        else:
            found[name] = value
    return found


def _joined(arrays):
    """Return the arrays with the parts of the sparse ones put together."""
    found, sparse = {}, {}
    for key, value in arrays.items():
        name, mark, part = key.partition(SPARSE)
        if mark:
            sparse.setdefault(name, {})[part] = value
        else:
            found[key] = value
    if sparse:
        from scipy.sparse import csr_array

        for name, parts in sparse.items():
            content = parts["data"], parts["indices"], parts["indptr"]
            found[name] = csr_array(content, shape=tuple(parts["shape"].tolist()))
    return found


def _load(path, digest, read, checksum_of):
    """Return what `read` gives without its marks, after comparing them."""
    try:
        content = read()
        made_by, checksum = str(content.pop(JOB)), str(content.pop(CHECKSUM))
        unchanged = checksum == checksum_of(content)
    except FileNotFoundError:
        raise InputError(f"{path}: no such result; run the workflow again") from None
    except Exception as error:  # a damaged archive raises errors of many kinds
        reason = f"it lacks {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"
        raise StaleResult(
            f"{path}: not a readable result ({reason}); delete it and run the workflow again"
        ) from None
    if not unchanged:
        raise StaleResult(
            f"{path}: was changed after the workflow wrote it; delete it and run the workflow again"
        )
    if digest not in (None, made_by):
        raise StaleResult(
            f"{path}: was made with other settings, code or data than this run has; delete it and run the "
            "workflow again"
        )
    return content


def is_current(path, digest):
    """Return whether the job `digest` made the result at `path`.

    Of an archive only this mark is read. Of a record the content counts too, and that of the files it is
    about.
    """
    path = Path(path)
    try:
        if path.suffix == ".npz":
            import numpy as np

            with np.load(path, allow_pickle=False) as archive:
                return str(archive[JOB]) == digest
        files = load_record(path, digest).get(FILES, {})
    except Exception:  # a damaged archive raises errors of many kinds
        return False
    # Snakemake makes a missing file again by itself.
    return all(
        file_checksum(path.with_name(name)) == sum
        for name, sum in files.items()
        if path.with_name(name).exists()
    )


def check_file(path, record, digest):
    """Return `path` if the job `digest` wrote this file; raise StaleResult that names the file if not.

    record : what `save_file_record` wrote for it.
    """
    path = Path(path)
    if file_checksum(path) != load_record(record, digest)[FILES].get(path.name):
        raise StaleResult(
            f"{path}: was changed after the workflow wrote it; delete it and run the workflow again"
        )
    return path


def file_checksum(path):
    """Return the sha256 of a file's content."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _checksum_of_record(content):
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum_of_arrays(arrays):
    total = hashlib.sha256()
    for key in sorted(arrays):
        array = arrays[key]
        total.update(f"{key}\0{array.dtype.str}\0{array.shape}\0".encode())
        total.update(array.tobytes())
    return total.hexdigest()
