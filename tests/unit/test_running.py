"""The folder of a run: what has to be a folder there, and may be written to."""

import errno
import os

import pytest

from workbench import running
from amtl.errors import InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("results/logs/prepare/x", "results/provenance/metadata", ".snakemake"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "results/logs/prepare/x/split1.log").touch()
    return tmp_path


def test_folders_that_will_do(folder):
    running.require_writable()
    os.rename("results", "elsewhere")
    running.require_writable()
    os.symlink("elsewhere", "results")
    running.require_writable()


@pytest.mark.parametrize("name", [".snakemake", "results", "results/provenance/metadata"])
@pytest.mark.parametrize("target", ["a file", "a link to nowhere"])
def test_what_takes_the_place_of_a_folder_is_named(folder, name, target):
    os.rename(name, "moved")
    if target == "a file":
        (folder / name).touch()
    else:
        os.symlink("nowhere", name)
    with pytest.raises(InputError, match=f"^{name}: is {target} where the run needs a folder; move it away"):
        running.require_writable()


@pytest.mark.parametrize("name", ["results", "results/logs/prepare/x", "results/provenance/metadata"])
def test_a_folder_without_rights_is_named(folder, monkeypatch, name):
    # Root may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != name)
    with pytest.raises(InputError, match=f"^{name}: no right to read and write in this folder; change its"):
        running.require_writable()


@pytest.mark.parametrize(
    ("number", "said", "taken"),
    [(errno.EWOULDBLOCK, running.BUSY, True), (errno.EACCES, running.BUSY, True)]
    + [(number, running.UNKNOWN, False) for number in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)],
)
def test_a_lock_that_is_held_and_a_file_system_without_locks(folder, monkeypatch, number, said, taken):
    def flock(stream, kind):
        raise OSError(number, os.strerror(number))

    running.LOCK.touch()
    running.ALONE.touch()
    monkeypatch.setattr(running.fcntl, "flock", flock)
    with pytest.raises(InputError) as error:
        running.main()
    assert str(error.value) == said
    assert running.another_works() == taken
    if taken:
        with pytest.raises(InputError, match="another run works"):
            running.work_alone()
    else:
        running.work_alone()
        running.announce()
