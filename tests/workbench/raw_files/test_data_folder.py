"""Raw files in the data folder, and the checksum of those that the registry has none of."""

import gzip
import hashlib
import os

import pytest

from helpers.raw_files import CONTENT, SHA256, WRONG, make_entry
from workbench.raw_files.acquire import acquire
from workbench.raw_files.data_folder import (
    find_local,
    find_tree,
    how_to_supply,
    listing,
    unverified_checksum,
)

UNVERIFIED = make_entry(sha256=None, bytes=None, unverified=True)


def write(path, content=CONTENT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("place", ["sub/a.dat.gz", "a.dat.gz", "sub/a.dat", "a.dat"])
def test_file_is_found_by_path_and_by_bare_name(tmp_path, place):
    path = write(tmp_path / place)
    assert find_local(make_entry(path="sub/a.dat.gz", sum_of="content"), tmp_path) == path
    assert (find_local(make_entry(path="sub/a.dat.gz"), tmp_path) == path) is place.endswith("gz")
    assert find_local(make_entry(), None) is None


def test_folder_and_broken_link_are_no_file(tmp_path):
    (tmp_path / "a.dat").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.dat").symlink_to("nowhere")
    assert find_local(make_entry(), tmp_path) is None


def test_unpacked_folder_is_found_in_the_data_folder_or_next_to_the_file(tmp_path):
    entry = make_entry(tree="deep/features")
    assert find_tree(entry, tmp_path) is None
    for place in (tmp_path / "sub" / "deep" / "features", tmp_path / "deep" / "features"):
        place.mkdir(parents=True)
        assert find_tree(entry, tmp_path) == place
    assert find_tree(make_entry(), tmp_path) is None


def test_listing_depends_on_names_and_sizes(tmp_path):
    for name in ("b/2", "b/1", "a/3"):
        write(tmp_path / "x" / name, b"abc")
    first = listing(tmp_path / "x")
    (tmp_path / "x").rename(tmp_path / "y")
    assert listing(tmp_path / "y") == first, "the place of the folder does not matter"
    write(tmp_path / "y" / "b" / "1", b"abcd")
    assert listing(tmp_path / "y") != first
    write(tmp_path / "y" / "b" / "1", b"abc")
    assert listing(tmp_path / "y") == first
    (tmp_path / "y" / "b" / "1").rename(tmp_path / "y" / "a" / "1")
    assert listing(tmp_path / "y") != first


def test_listing_does_not_depend_on_the_order_of_the_file_system(tmp_path, monkeypatch):
    for name in ("b/2", "b/1", "a/3"):
        write(tmp_path / name, b"abc")
    walk, found = os.walk, set()
    for reverse in (False, True):

        def ordered(top, reverse=reverse):
            for parent, folders, names in walk(top):
                folders.sort(reverse=reverse)
                yield parent, folders, sorted(names, reverse=reverse)

        monkeypatch.setattr(os, "walk", ordered)
        found.add(listing(tmp_path))
    assert len(found) == 1


def test_listing_takes_broken_links_and_names_that_are_not_utf8(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff", os.O_CREAT))
    assert len(listing(tmp_path)) == 64


def test_replaced_file_with_an_older_date_has_another_checksum(tmp_path):
    path = write(tmp_path / "a.dat")
    first = unverified_checksum(UNVERIFIED, tmp_path, tmp_path / "stored")
    write(path, WRONG)
    os.utime(path, (0, 0))
    assert first == SHA256
    assert unverified_checksum(UNVERIFIED, tmp_path, tmp_path / "stored") == hashlib.sha256(WRONG).hexdigest()


def test_checksum_of_the_stored_copy_counts_when_the_folder_has_no_file(tmp_path):
    stored = write(tmp_path / "raw" / "a.dat")
    assert unverified_checksum(UNVERIFIED, None, stored) == SHA256
    assert unverified_checksum(UNVERIFIED, tmp_path, stored) == SHA256
    write(tmp_path / "a.dat", WRONG)
    assert unverified_checksum(UNVERIFIED, tmp_path, stored) != SHA256
    assert unverified_checksum(UNVERIFIED, None, tmp_path / "nowhere") == ""


def test_file_with_a_published_sum_is_not_read(tmp_path, monkeypatch):
    write(tmp_path / "a.dat")
    monkeypatch.setattr("builtins.open", lambda *args, **given: pytest.fail("a file was opened"))
    assert unverified_checksum(make_entry(), tmp_path, tmp_path / "a.dat") == ""


def test_checksum_in_the_folder_is_that_of_the_stored_copy(tmp_path):
    entry = {**UNVERIFIED, "sum_of": "content", "bytes": len(CONTENT)}
    write(tmp_path / "a.dat", gzip.compress(CONTENT))
    planned = unverified_checksum(entry, tmp_path, tmp_path / "stored")
    acquire("a", entry, tmp_path, tmp_path / "stored", checksum=planned)
    assert unverified_checksum(entry, None, tmp_path / "stored") == planned


def test_unreadable_file_has_no_checksum_and_no_traceback(tmp_path, monkeypatch):
    entry = {**UNVERIFIED, "sum_of": "content"}
    write(tmp_path / "a.dat", gzip.compress(CONTENT)[:1000])
    assert unverified_checksum(entry, tmp_path, tmp_path / "stored") == ""

    def forbidden(*args, **given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", forbidden)
    assert unverified_checksum(UNVERIFIED, tmp_path, tmp_path / "stored") == ""


def test_advice_names_the_place_of_the_file_and_of_its_unpacked_folder(tmp_path):
    line = how_to_supply("a.dat", make_entry(tree="deep/features"), tmp_path, [])
    assert f"{tmp_path}/sub/a.dat" in line and "deep/features" in line and SHA256 in line
    assert "data.folder" in how_to_supply("a.dat", make_entry(), None, [])
    assert str(tmp_path / "nowhere") in how_to_supply("a.dat", make_entry(), tmp_path / "nowhere", [])
