"""Reading the features of AWA and AWA2, from made-up archives and folders in their layouts and dimensions."""

import bz2
import tarfile

import numpy as np
import pytest

from amtl.splits import check_split
from helpers.datasets import fails, options_of
from helpers.made_up_images import (
    CLASSES,
    DECAF,
    awa2_files,
    awa_files,
    class_list,
    numbers,
    text,
    write_tar,
    write_tree,
    write_zip,
)
from workbench.datasets import awa, awa2
from workbench.datasets._readers import archives
from workbench.datasets._readers import features as features_reader
from workbench.datasets._spec import Features

IMAGES = 3
SMALL = {"images": 50 * IMAGES, "train_rows": 1, "validation_rows": 1, "test_rows": 1, "components": 20}


@pytest.fixture(scope="module")
def members():
    return awa_files(IMAGES)


@pytest.fixture(scope="module")
def members2():
    return awa2_files(IMAGES)


def read(module, source, folder, classes=None):
    """Return the array and the header of the features in `source`."""
    array = folder / "x.npy"
    header, _ = module.read_features(source, classes, array)
    return np.load(array), header


def expected(width, classes=CLASSES, images=range(1, IMAGES + 1)):
    return np.array([numbers(image, name, width) for name in classes for image in images])


# AWA


def test_archive_and_folder_give_the_same_rows_whatever_their_order(members, tmp_path):
    archive = write_tar(tmp_path / awa.ARCHIVE, members)
    write_tree(tmp_path, members)
    X, header = read(awa, archive, tmp_path)
    assert X.dtype == np.float32 and np.array_equal(X, expected(4096))
    assert header["classes"] == [[name, IMAGES] for name in CLASSES]
    again, header_of_folder = read(awa, tmp_path / DECAF, tmp_path)
    assert np.array_equal(X, again)
    assert header == header_of_folder and header["images"] == 150 and header["width"] == 4096


def test_checksum_of_a_folder_covers_names_and_contents(members, tmp_path):
    write_tree(tmp_path, members)
    folder = tmp_path / DECAF

    def describe():
        return awa.read_features(folder, None, tmp_path / "x.npy")[1]

    before = describe()
    assert before["name"] == "decaf/" and before["bytes"] == sum(map(len, members.values()))
    assert describe() == before
    first, second = (folder / f"beast+00/beast+00_000{k}.txt" for k in (1, 2))
    content = first.read_bytes(), second.read_bytes()
    first.write_bytes(content[1])
    second.write_bytes(content[0])
    assert describe()["sha256"] != before["sha256"], "the same contents under other names"
    first.write_bytes(content[0])
    second.write_bytes(content[1])
    second.rename(second.with_name("beast+00_0009.txt"))
    assert describe()["sha256"] != before["sha256"]


def test_commas_are_as_good_as_newlines(tmp_path):
    archive = write_tar(tmp_path / "a.tar.bz2", awa_files(1, ","))
    assert np.array_equal(read(awa, archive, tmp_path)[0], expected(4096, images=[1]))


@pytest.mark.parametrize("place", ["in the archive", "in the folder", "beside the folder", "elsewhere"])
def test_the_list_gives_the_order_of_the_classes(members, tmp_path, place):
    names = CLASSES[::-1]
    given = None
    if place == "in the archive":
        content = class_list(names)
        source = write_tar(
            tmp_path / awa.ARCHIVE, {"Animals_with_Attributes/classes.txt": content, **members}
        )
    else:
        write_tree(tmp_path, members)
        source = tmp_path / DECAF
        folders = {"in the folder": source, "beside the folder": source.parents[1]}
        path = folders.get(place, tmp_path) / "classes.txt"
        path.write_bytes(class_list(names))
        given = path if place == "elsewhere" else None
    X, header = read(awa, source, tmp_path, given)
    assert header["classes"] == [[name, IMAGES] for name in names]
    assert np.array_equal(X, expected(4096, names))


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (class_list(CLASSES[1:]), "'beast+00'"),
        (class_list([*CLASSES, "unicorn"]), "'unicorn'"),
        (b"1 beast+00\n3 beast+01\n", "'3 beast+01'"),
        (b"1 beast+00 x\n", "'1 beast+00 x'"),
        (b"\xff\n", "number 1"),
    ],
)
def test_an_invalid_list_of_classes(content, part):
    fails(lambda: awa.order_of_classes("classes.txt", content, set(CLASSES)), "classes.txt", part)


def link(kind):
    info = tarfile.TarInfo(f"{DECAF}/beast+00/beast+00_0009.txt")
    info.type, info.linkname = kind, "/etc/hostname"
    return info


GOOD = text(np.zeros(4096))
FIRST = f"{DECAF}/beast+00/beast+00_0001.txt"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (FIRST, text(np.zeros(4095)), "4,095"),
        (FIRST, text(np.zeros(4097)), "4,097"),
        (FIRST, b"", "0 numbers"),
        (FIRST, GOOD.replace(b"0.0000", b"zero", 1), "zero"),
        (FIRST, GOOD.replace(b"0.0000\n0.0000", b"0.0000\nnan", 1), "number 2 is NaN"),
        (FIRST, GOOD.replace(b"0.0000", b"1e60", 1), "number 1 is NaN or infinite"),
        (FIRST, b" " * 300_000, "300,000 bytes"),
        (f"{DECAF}/beast+00/beast+01_0001.txt", GOOD, "beast+00_NUMBER.txt"),
        (f"{DECAF}/../../beast_0001.txt", GOOD, archives.REFUSED),
        ("/tmp/beast_0001.txt", GOOD, archives.REFUSED),
        ("C:beast_0001.txt", GOOD, archives.REFUSED),
        ("link", link(tarfile.SYMTYPE), archives.REFUSED),
        ("link", link(tarfile.LNKTYPE), archives.REFUSED),
        ("device", link(tarfile.CHRTYPE), archives.REFUSED),
        ("pipe", link(tarfile.FIFOTYPE), archives.REFUSED),
    ],
)
def test_a_bad_member_is_named_and_nothing_is_left(tmp_path, name, content, expected):
    archive = write_tar(tmp_path / "a.tar.bz2", {name: content})
    shown = content.name if isinstance(content, tarfile.TarInfo) else name
    fails(lambda: read(awa, archive, tmp_path), f"{archive}: {shown}: ", expected)
    assert list(tmp_path.iterdir()) == [archive]


def test_an_archive_that_unpacks_to_more_than_the_limit(members, tmp_path, monkeypatch):
    archive = write_tar(tmp_path / "a.tar.bz2", members)
    size = sum(awa.MEMBER_BYTES + len(content) for content in members.values())
    monkeypatch.setattr(awa, "MAX_UNPACKED_BYTES", size)
    assert len(read(awa, archive, tmp_path)[0]) == 150
    monkeypatch.setattr(awa, "MAX_UNPACKED_BYTES", size - 1)
    fails(lambda: read(awa, archive, tmp_path), archive, f"{size:,}", archives.REFUSED)


def test_headers_of_a_tar_archive_are_bounded(tmp_path):
    member = tarfile.TarInfo(FIRST)
    member.size, member.pax_headers = len(GOOD), {"comment": "x" * (17 << 20)}
    path = tmp_path / "a.tar.bz2"
    path.write_bytes(bz2.compress(member.tobuf(tarfile.PAX_FORMAT) + GOOD))
    fails(lambda: read(awa, path, tmp_path), path, f"{16 << 20:,}", archives.REFUSED)


def test_other_members_are_skipped(members, tmp_path):
    others = {
        "Animals_with_Attributes/README": b"hello",
        f"{DECAF}/beast+00/.beast+00_0001.txt": b"a trace of another system",
        "Animals_with_Attributes/Features/sift/beast+00/beast+00_0001.txt": b"1 2 3",
    }
    archive = write_tar(tmp_path / "a.tar.bz2", others | members)
    assert len(read(awa, archive, tmp_path)[0]) == 50 * IMAGES


def test_a_repeated_image_and_a_missing_class(members, tmp_path):
    twice = {f"again/{FIRST}": GOOD, **members}
    archive = write_tar(tmp_path / "a.tar.bz2", twice)
    fails(lambda: read(awa, archive, tmp_path), archive, "'beast+00_0001'")
    few = {name: content for name, content in members.items() if "beast+07" not in name}
    archive = write_tar(tmp_path / "a.tar.bz2", few)
    fails(lambda: read(awa, archive, tmp_path), archive, "49 classes", "50")


def test_damaged_archives(members, tmp_path):
    path = tmp_path / "a.tar.bz2"
    fails(lambda: read(awa, path, tmp_path), path)
    content = write_tar(path, members).read_bytes()
    damaged = {
        "cut": content[: len(content) // 2],
        "cut at the end": content[:-4],
        "changed": content[:90_000] + bytes([content[90_000] ^ 1]) + content[90_001:],
        "no bzip2": b"<html>404</html>",
        "empty": b"",
    }
    for what, changed in damaged.items():
        path.write_bytes(changed)
        fails(lambda: read(awa, path, tmp_path), path)
        assert not (tmp_path / "x.npy").exists(), what


def test_a_tar_header_without_a_number(tmp_path):
    member = tarfile.TarInfo(f"{DECAF}/beast+00/beast+00_0001.txt")
    member.pax_headers = {"GNU.sparse.map": "one,two", "GNU.sparse.size": "1"}
    path = tmp_path / "a.tar.bz2"
    path.write_bytes(bz2.compress(member.tobuf(tarfile.PAX_FORMAT)))
    fails(lambda: read(awa, path, tmp_path), path)


def test_a_damaged_header_is_not_the_end_of_the_archive(members, tmp_path):
    path = write_tar(tmp_path / "a.tar.bz2", members)
    content = bytearray(bz2.decompress(path.read_bytes()))
    place = content.index(b"beast+31_0002.txt")
    content[place] ^= 1
    path.write_bytes(bz2.compress(bytes(content), 1))
    fails(lambda: read(awa, path, tmp_path), path, "beast+30_0002.txt")


def test_a_bad_file_in_a_folder_is_named(members, tmp_path):
    write_tree(tmp_path, members)
    (tmp_path / FIRST).write_bytes(b"1\n2\n")
    fails(lambda: read(awa, tmp_path / DECAF, tmp_path), tmp_path / FIRST, "2 numbers")


def test_default_options_are_the_protocol_of_the_paper():
    sizes = {"train_rows": 30, "validation_rows": 30, "test_rows": 30, "components": 500}
    assert options_of("awa") == {**sizes, "images": 30_475}
    assert options_of("awa2") == {**sizes, "images": 37_322}


def test_the_order_of_the_classes_does_not_change_which_images_are_drawn(members, tmp_path):
    archive = write_tar(tmp_path / "a.tar.bz2", members)
    (tmp_path / "list").write_bytes(class_list(CLASSES[::-1]))
    splits = []
    for classes in (None, tmp_path / "list"):
        _, header = read(awa, archive, tmp_path, classes)
        features = Features(tmp_path / "x.npy", header | {"files": []})
        splits.append(awa.make_split(1, options_of("awa", **SMALL), features, 0))
    ordered, turned = splits
    check_split(ordered)
    assert ordered.tasks == tuple(CLASSES) and ordered.train.X.shape == (50, 21)
    assert turned.tasks == tuple(CLASSES[::-1])
    assert np.allclose(turned.test.X[::-1], ordered.test.X)


# AWA2


def test_archive_and_folder_of_awa2_give_the_same_rows(members2, tmp_path):
    archive = write_zip(tmp_path / awa2.ARCHIVE, members2)
    X, header = read(awa2, archive, tmp_path)
    assert np.array_equal(X, expected(2048, images=range(IMAGES)))
    assert header["classes"] == [[name, IMAGES] for name in CLASSES]
    write_tree(tmp_path, members2)
    again, _ = read(awa2, tmp_path / awa2.FOLDER, tmp_path)
    assert np.array_equal(X, again)
    features = Features(tmp_path / "x.npy", header | {"files": []})
    split = awa2.make_split(1, options_of("awa2", **SMALL), features, 0)
    assert split.tasks == tuple(CLASSES) and split.train.X.shape == (50, 21)


def test_checksum_of_a_folder_of_awa2_covers_its_texts(members2, tmp_path):
    write_tree(tmp_path, members2)
    folder = tmp_path / awa2.FOLDER
    before = awa2.read_features(folder, None, tmp_path / "x.npy")[1]
    assert before["name"] == "ResNet101/" and before["bytes"] == sum(map(len, members2.values()))
    path = folder / awa2.NUMBERS
    path.write_bytes(path.read_bytes().replace(b".", b"0.", 1))
    assert awa2.read_features(folder, None, tmp_path / "x.npy")[1]["sha256"] != before["sha256"]


def drop_line(content, number):
    lines = content.splitlines(keepends=True)
    return b"".join(lines[: number - 1] + lines[number:])


@pytest.mark.parametrize(
    ("file", "change", "expected"),
    [
        (awa2.NUMBERS, lambda text: text.replace(b" ", b"x", 1), "line 1"),
        (awa2.NUMBERS, lambda text: text.replace(b" ", b"\n", 1), "line 1"),
        (awa2.NUMBERS, lambda text: drop_line(text, 7), "149"),
        (awa2.NUMBERS, lambda text: text + text[:10_000], "line 151"),
        (awa2.LABELS, lambda text: drop_line(text, 7), "149"),
        (awa2.LABELS, lambda text: text.replace(b"50\n", b"51\n"), "line 148"),
        (awa2.LABELS, lambda text: text.replace(b"\n1\n", b"\none\n", 1), "line 2"),
        (awa2.LABELS, lambda text: text.replace(b"\n1\n", b"\n" + b"1" * 5000 + b"\n", 1), "line 2"),
        (awa2.LABELS, lambda text: text.replace(b"1\n", b"0\n", 1), "line 1"),
        (awa2.NAMES, lambda text: text.replace(b"beast+01_10002", b"beast+00_10004", 1), "line 5"),
        (awa2.NAMES, lambda text: text.replace(b"beast+00_10001", b"beast+00", 1), "line 1"),
        (awa2.NAMES, lambda text: text.replace(b"beast+01_", b"beast+00_1"), "49"),
        (awa2.NAMES, None, "missing"),
    ],
)
def test_a_bad_line_is_named(members2, tmp_path, file, change, expected):
    name = f"{awa2.FOLDER}/{file}"
    changed = dict(members2)
    content = changed.pop(name)
    if change:
        changed[name] = change(content)
    archive = write_zip(tmp_path / "a.zip", changed)
    fails(lambda: read(awa2, archive, tmp_path), archive, expected)
    assert not (tmp_path / "x.npy").exists()


def test_damaged_archives_of_awa2(members2, tmp_path):
    path = tmp_path / "a.zip"
    fails(lambda: read(awa2, path, tmp_path), path)
    content = write_zip(path, members2).read_bytes()
    for changed in (content[: len(content) // 2], content[:90_000] + b"\0\0\0" + content[90_003:], b""):
        path.write_bytes(changed)
        fails(lambda: read(awa2, path, tmp_path), path)
    write_zip(path, members2 | {"../../etc/passwd": b"x"})
    fails(lambda: read(awa2, path, tmp_path), path, "../../etc/passwd", archives.REFUSED)


def test_texts_of_awa2_are_bounded(members2, tmp_path, monkeypatch):
    archive = write_zip(tmp_path / "a.zip", members2)
    write_tree(tmp_path, members2)
    size = len(members2[f"{awa2.FOLDER}/{awa2.LABELS}"])
    monkeypatch.setitem(awa2.MAX_TEXT_BYTES, awa2.LABELS, size)
    assert len(read(awa2, archive, tmp_path)[0]) == 150
    monkeypatch.setitem(awa2.MAX_TEXT_BYTES, awa2.LABELS, size - 1)
    for source in (archive, tmp_path / awa2.FOLDER):
        fails(lambda source=source: read(awa2, source, tmp_path), awa2.LABELS, size, archives.REFUSED)


def test_progress_is_shown(members, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(features_reader, "SECONDS_BETWEEN_PROGRESS_LINES", 0.0)
    read(awa, write_tar(tmp_path / "a.tar.bz2", members), tmp_path)
    shown = capsys.readouterr().err
    assert "a.tar.bz2: 17 images" in shown and "150 images" in shown.splitlines()[-1]
