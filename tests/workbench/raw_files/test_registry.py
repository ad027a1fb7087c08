"""The registry of raw files: reading it, and what it says of a file's content and of its download."""

from pathlib import Path

import pytest
import yaml

from amtl.errors import InputError
from helpers.raw_files import CONTENT, SHA256, make_entry
from workbench.raw_files import registry

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "config" / "raw-files.yaml"
LARGEST_KNOWN_FILE = 10**9


def write(path, entry):
    path.write_text(yaml.safe_dump({"files": {"a.dat": entry}}), encoding="utf-8")
    return path


def test_shipped_entries_without_a_checksum_are_these():
    entries = registry.load(SHIPPED)
    assert {name for name, entry in entries.items() if entry["unverified"]} == {
        *(f"synthetic_inbalance_{index}.mat" for index in range(2, 6)),
        *(f"usps{index}.mat" for index in range(2, 6)),
        "AwA-features-decaf.tar.bz2",
    }


def test_shipped_entries_agree_with_the_data_folder():
    sums = ROOT.parent / "shared" / "data" / "SHA256SUMS"
    if not sums.exists():
        pytest.skip(f"no {sums}")
    published = {path.removeprefix("./"): value for value, path in map(str.split, sums.open())}
    known = [
        entry
        for entry in registry.load(SHIPPED).values()
        if entry["path"] in published and entry["sum_of"] == "file"
    ]
    assert len(known) == 19
    for entry in known:
        assert entry["sha256"] == published[entry["path"]]
        assert entry["bytes"] == (sums.parent / entry["path"]).stat().st_size


def test_defaults_are_filled_in(tmp_path):
    path = write(
        tmp_path / "registry.yaml", {"path": "sub/a.dat", "sha256": SHA256, "licence": "x", "citation": "y"}
    )
    assert registry.load(path)["a.dat"] == make_entry(bytes=None, licence="x", citation="y")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"shaa256": SHA256}, ["files.a.dat.shaa256", "did you mean 'sha256'?"]),
        ({"licence": None}, ["files.a.dat.licence: "]),
        ({"sha256": "abc"}, ["files.a.dat.sha256: 'abc'"]),
        ({"sha256": None}, ["files.a.dat: ", "sha256", "unverified: true"]),
        ({"unverified": True}, ["files.a.dat: ", "sha256", "unverified: true"]),
        ({"urls": ["ftp://x/y"]}, ["files.a.dat.urls[0]: 'ftp://x/y'"]),
        ({"path": "/elsewhere/a.dat"}, ["files.a.dat.path: '/elsewhere/a.dat'"]),
        ({"bytes": 0}, ["files.a.dat.bytes: 0"]),
    ],
)
def test_invalid_entry_is_one_line_that_names_the_key(tmp_path, change, named):
    path = write(tmp_path / "registry.yaml", make_entry() | change)
    with pytest.raises(InputError) as error:
        registry.load(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    assert all(part in message for part in named)


@pytest.mark.parametrize(
    "content",
    [
        *(b"files: [", b"", b"- a", b"file: {}", b"files: {2024: {}}", b"files: {}\nfiles: {}"),
        *(b"files: 2024-13-45", b'files: {"a\\n": {}}', b"files: {\xff: {}}"),
    ],
)
def test_invalid_registry_is_one_line_that_names_the_file(tmp_path, content):
    path = tmp_path / "registry.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match="registry.yaml: ") as error:
        registry.load(path)
    assert "\n" not in str(error.value)


def test_all_missing_keys_are_named_at_once(tmp_path):
    path = tmp_path / "registry.yaml"
    entries = {"a.dat": {"sha256": "0" * 64}, "b.dat": {"path": "b"}, "c.dat": make_entry()}
    path.write_text(yaml.safe_dump({"files": entries}), encoding="utf-8")
    with pytest.raises(InputError) as error:
        registry.load(path)
    first, _, second = str(error.value).partition("files.b.dat")
    assert all(key in first for key in ("files.a.dat", "path", "licence", "citation"))
    assert all(key in second for key in ("licence", "citation", "sha256", "unverified"))
    assert "sha256" not in first and "path" not in second and "c.dat" not in str(error.value)


def test_all_missing_files_are_named_at_once():
    with pytest.raises(InputError, match=r"'x.csv', 'y.csv'.*licence"):
        registry.require_entries({"usps.h5": {}}, ["x.csv", "usps.h5", "y.csv"])


def test_missing_registry_and_unknown_file(tmp_path):
    with pytest.raises(InputError, match=r"registry\.yaml: cannot be read"):
        registry.load(tmp_path / "registry.yaml")
    with pytest.raises(InputError, match=r"'ups\.h5'.*did you mean 'usps\.h5'"):
        registry.find_entry({"usps.h5": {}, "b": {}}, "ups.h5")


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64},
        {"md5": "0" * 32},
        {"git_blob": "0" * 8},
        {"bytes": 1},
        {"sum_of": "content"},
        {"unverified": True},
    ],
)
def test_identity_changes_with_the_content(change):
    assert registry.identity(make_entry(**change)) != registry.identity(make_entry())


@pytest.mark.parametrize(
    "change", [{"urls": ["http://x/y"]}, {"licence": "z"}, {"citation": "z"}, {"path": "z"}, {"note": "z"}]
)
def test_identity_does_not_change_with_the_way_to_the_file(change):
    assert registry.identity(make_entry(**change)) == registry.identity(make_entry())


def test_only_a_file_with_address_and_checksum_may_be_downloaded():
    assert registry.may_download(make_entry(urls=["http://x/y"]))
    assert not registry.may_download(make_entry())
    assert not registry.may_download(make_entry(urls=["http://x/y"], sha256=None))


def test_every_download_is_bounded():
    large = make_entry(sum_of="content", bytes=LARGEST_KNOWN_FILE)
    assert 1.0005 < registry.max_download_bytes(large) / LARGEST_KNOWN_FILE < 1.01, "room for gzip's blocks"
    assert registry.max_download_bytes(make_entry()) - len(CONTENT) < 2_000_000
    unknown = registry.max_download_bytes(make_entry(bytes=None))
    assert LARGEST_KNOWN_FILE < unknown < 10 * LARGEST_KNOWN_FILE
