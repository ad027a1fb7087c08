"""The check of a raw file against its entry."""

import hashlib

import pytest

from amtl.errors import InputError
from helpers.raw_files import CONTENT, SHA256, WRONG, make_entry
from workbench.raw_files.checksums import measure, verify
from workbench.raw_files.registry import identity

MD5 = hashlib.md5(CONTENT).hexdigest()
GIT_BLOB = hashlib.sha1(b"blob 512000\0" + CONTENT).hexdigest()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.dat"
    path.write_bytes(CONTENT)
    return path


def mismatch(entry, path):
    return measure(entry, path)[2]


@pytest.mark.parametrize(
    "sums", [{"sha256": SHA256}, {"md5": MD5}, {"git_blob": GIT_BLOB}, {"git_blob": GIT_BLOB[:8]}]
)
def test_each_kind_of_sum_is_checked(path, sums):
    entry = make_entry(**{"sha256": None, **sums})
    assert mismatch(entry, path) == ""
    path.write_bytes(WRONG)
    wrong = mismatch(entry, path)
    assert all(f"{kind} " in wrong and f"expected {value}" in wrong for kind, value in sums.items())


def test_all_sums_of_an_entry_are_checked(path):
    assert "md5" in mismatch(make_entry(md5="0" * 32), path)
    assert "sha256" in mismatch(make_entry(md5=MD5, sha256="0" * 64), path)


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1, 51200, 5])
def test_size_is_checked(path, size):
    assert mismatch(make_entry(bytes=size), path) == f"{len(CONTENT)} bytes, expected {size}"


def test_verify_returns_sum_and_size_and_takes_an_identity(path):
    expected = {"name": "a", "sha256": SHA256, "bytes": len(CONTENT), "verified": True}
    assert verify("a", make_entry(), path) == expected
    assert verify("a", identity(make_entry(sha256=None, md5=MD5)), path) == expected


def test_verify_names_a_wrong_or_missing_file(path):
    path.write_bytes(WRONG)
    with pytest.raises(InputError, match=rf"a\.dat: .*sha256 .* expected {SHA256}.*delete it"):
        verify("a", make_entry(), path)
    path.unlink()
    with pytest.raises(InputError, match=r"a\.dat: no such file"):
        verify("a", make_entry(), path)


def test_file_without_a_published_sum_must_have_the_planned_checksum(path):
    entry = make_entry(sha256=None, bytes=None, unverified=True)
    assert verify("a", entry, path, SHA256)["verified"] is False
    assert verify("a", entry, path)["sha256"] == SHA256
    path.write_bytes(WRONG)
    with pytest.raises(InputError, match=f"expected {SHA256}"):
        verify("a", entry, path, SHA256)
