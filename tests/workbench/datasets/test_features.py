"""Reading the features of AWA and AWA2, from made-up archives and folders in their layouts and dimensions."""

import bz2
import json
import tarfile

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.splits import check_split
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
from workbench.datasets import _registry as registry
from workbench.datasets import awa, awa2
from workbench.datasets.readers import features
from workbench.raw_files import raw

IMAGES = 3
SMALL = {"images": 50 * IMAGES, "train_rows": 1, "validation_rows": 1, "test_rows": 1, "components": 20}


@pytest.fixture(scope="module")
def members():
    return awa_files(IMAGES)


@pytest.fixture(scope="module")
def members2():
    return awa2_files(IMAGES)


def read(module, source, folder, classes=None):
    """Read `source` as the workflow does; return the array and the header."""
    name = module.ARCHIVE
    entry = {"path": name, "licence": "none", "citation": "none", "bytes": None}
    job = {"module": module.__name__.split(".")[-1], "files": {name: entry | dict.fromkeys(raw.SUMS)}}
    array, header = folder / "x.npy", folder / "x.json"
    registry.read_features(job, source, classes, array, header)
    return np.load(array), json.loads(header.read_text())


def fails(call, *parts):
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value)
    for part in parts:
        assert str(part) in str(error.value)


def expected(width, classes=CLASSES, images=range(1, IMAGES + 1)):
    return np.array([numbers(image, name, width) for name in classes for image in images])


# AWA


def test_archive_and_folder_give_the_same_rows_whatever_their_order(members, tmp_path):
    archive = write_tar(tmp_path / awa.ARCHIVE, members)
    write_tree(tmp_path, members)
    X, header = read(awa, archive, tmp_path)
    assert X.dtype == np.float32 and np.array_equal(X, expected(4096))
    assert list(header["classes"].items()) == [(name, IMAGES) for name in CLASSES]
    again, header_of_folder = read(awa, tmp_path / DECAF, tmp_path)
    assert np.array_equal(X, again)
    (file,), (folder,) = header.pop("files"), header_of_folder.pop("files")
    assert header == header_of_folder
    assert file["sha256"] == raw.digest("sha256", archive) and file["bytes"] == archive.stat().st_size
    assert folder["name"] == "decaf/" and folder["bytes"] == sum(map(len, members.values()))
    assert file["verified"] is folder["verified"] is False


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
    assert list(header["classes"]) == names
    assert np.array_equal(X, expected(4096, names))


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (class_list(CLASSES[1:]), ["'beast+00' is not in the list"]),
        (class_list([*CLASSES, "unicorn"]), ["'unicorn' has no images"]),
        (b"1 beast+00\n3 beast+01\n", ["'3 beast+01' is not the number 2 and a name"]),
        (b"\xff\n", ["is not the number 1 and a name"]),
    ],
)
def test_a_list_that_does_not_fit(content, parts):
    fails(lambda: awa.order_of_classes("classes.txt", content, set(CLASSES)), "classes.txt", *parts)


def link(kind):
    info = tarfile.TarInfo(f"{DECAF}/beast+00/beast+00_0009.txt")
    info.type, info.linkname = kind, "/etc/hostname"
    return info


GOOD = text(np.zeros(4096))
FIRST = f"{DECAF}/beast+00/beast+00_0001.txt"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (FIRST, text(np.zeros(4095)), "holds 4,095 numbers, expected 4,096"),
        (FIRST, b"", "holds 0 numbers"),
        (FIRST, GOOD.replace(b"0.0000", b"zero", 1), "not all of it is numbers"),
        (FIRST, GOOD.replace(b"0.0000\n0.0000", b"0.0000\nnan", 1), "number 2 is NaN or infinite"),
        (FIRST, GOOD.replace(b"0.0000", b"1e60", 1), "number 1 is NaN or infinite"),
        (FIRST, b" " * 300_000, "300,000 bytes are too many for 4,096 numbers"),
        (f"{DECAF}/beast+00/beast+01_0001.txt", GOOD, "is not named beast+00_NUMBER.txt"),
        (f"{DECAF}/../../beast_0001.txt", GOOD, "leads out of the archive's folder"),
        ("/tmp/beast_0001.txt", GOOD, "leads out of the archive's folder"),
        ("link", link(tarfile.SYMTYPE), "is a link or a device"),
        ("link", link(tarfile.LNKTYPE), "is a link or a device"),
        ("device", link(tarfile.CHRTYPE), "is a link or a device"),
        ("pipe", link(tarfile.FIFOTYPE), "is a link or a device"),
    ],
)
def test_a_bad_member_is_named_and_nothing_is_left(tmp_path, name, content, expected):
    archive = write_tar(tmp_path / "a.tar.bz2", {name: content})
    shown = content.name if isinstance(content, tarfile.TarInfo) else name
    fails(lambda: read(awa, archive, tmp_path), f"{archive}: {shown}: ", expected)
    assert list(tmp_path.iterdir()) == [archive]


def test_other_members_are_passed_over(members, tmp_path):
    others = {
        "Animals_with_Attributes/README": b"hello",
        f"{DECAF}/beast+00/.beast+00_0001.txt": b"a trace of another system",
        "Animals_with_Attributes/Features/sift/beast+00/beast+00_0001.txt": b"1 2 3",
    }
    archive = write_tar(tmp_path / "a.tar.bz2", others | members)
    assert len(read(awa, archive, tmp_path)[0]) == 50 * IMAGES


def test_an_image_that_comes_twice_and_a_class_that_is_missing(members, tmp_path):
    twice = {f"again/{FIRST}": GOOD, **members}
    archive = write_tar(tmp_path / "a.tar.bz2", twice)
    fails(lambda: read(awa, archive, tmp_path), archive, "image 'beast+00_0001' is there twice")
    few = {name: content for name, content in members.items() if "beast+07" not in name}
    archive = write_tar(tmp_path / "a.tar.bz2", few)
    fails(lambda: read(awa, archive, tmp_path), archive, "holds images of 49 classes, expected 50")


def test_damaged_archives(members, tmp_path):
    path = tmp_path / "a.tar.bz2"
    fails(lambda: read(awa, path, tmp_path), "no such file")
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
        fails(lambda: read(awa, path, tmp_path), path, "fresh copy")
        assert not (tmp_path / "x.npy").exists(), what


def test_a_header_that_is_no_number(tmp_path):
    member = tarfile.TarInfo(f"{DECAF}/beast+00/beast+00_0001.txt")
    member.pax_headers = {"GNU.sparse.map": "one,two", "GNU.sparse.size": "1"}
    path = tmp_path / "a.tar.bz2"
    path.write_bytes(bz2.compress(member.tobuf(tarfile.PAX_FORMAT)))
    fails(lambda: read(awa, path, tmp_path), path, "not a readable tar.bz2 archive", "fresh copy")


def test_a_damaged_header_is_no_end(members, tmp_path):
    path = write_tar(tmp_path / "a.tar.bz2", members)
    content = bytearray(bz2.decompress(path.read_bytes()))
    place = content.index(b"beast+31_0002.txt")
    content[place] ^= 1
    path.write_bytes(bz2.compress(bytes(content), 1))
    fails(lambda: read(awa, path, tmp_path), path, "not the header of a member")


def test_a_bad_file_in_a_folder_is_named(members, tmp_path):
    write_tree(tmp_path, members)
    (tmp_path / FIRST).write_bytes(b"1\n2\n")
    fails(lambda: read(awa, tmp_path / DECAF, tmp_path), tmp_path / FIRST, "holds 2 numbers")


# Splits


def split_of(module, name, folder, **given):
    options = {key: rule["default"] for key, rule in module.OPTIONS.items()} | SMALL | given
    paths = {f"{name}.npy": folder / "x.npy", f"{name}.json": folder / "x.json"}
    job = {"dataset": name, "module": name, "index": 1, "seed": 0, "options": options, "files": {}}
    return registry.prepare(job, paths)


def test_a_split_of_awa_does_not_depend_on_the_order_of_the_classes(members, tmp_path):
    archive = write_tar(tmp_path / "a.tar.bz2", members)
    read(awa, archive, tmp_path)
    split = split_of(awa, "awa", tmp_path)
    check_split(split)
    assert split.tasks == tuple(CLASSES) and split.train.X.shape == (50, 21)
    assert [file["name"] for file in split.meta["files"]] == [awa.ARCHIVE]
    assert "Unverified" in split.meta["note"] and "150 images of 50 classes" in split.meta["source"]
    (tmp_path / "list").write_bytes(class_list(CLASSES[::-1]))
    read(awa, archive, tmp_path, tmp_path / "list")
    turned = split_of(awa, "awa", tmp_path)
    assert turned.tasks == tuple(CLASSES[::-1])
    assert np.allclose(turned.test.X[::-1], split.test.X)


def test_a_split_of_another_number_of_images_or_rows_is_refused(members, tmp_path):
    read(awa, write_tar(tmp_path / "a.tar.bz2", members), tmp_path)
    wrong = "holds 150 images, expected 30,475; get a complete copy"
    fails(lambda: split_of(awa, "awa", tmp_path, images=30_475), awa.ARCHIVE, wrong)
    fails(lambda: split_of(awa, "awa", tmp_path, train_rows=2), "class 'beast+00' has 3 rows", "= 4")


def test_a_header_that_does_not_fit_its_array_is_refused(members, tmp_path):
    read(awa, write_tar(tmp_path / "a.tar.bz2", members), tmp_path)
    header = tmp_path / "x.json"
    good = json.loads(header.read_text())
    spoilt = [
        {key: good[key] for key in good if key != left_out} for left_out in ("images", "classes", "files")
    ]
    spoilt += [
        {**good, "images": 149},
        {**good, "files": [{"name": awa.ARCHIVE}]},
        {**good, "classes": [150]},
    ]
    for content in [*spoilt, [], None]:
        header.write_text(json.dumps(content))
        fails(
            lambda: split_of(awa, "awa", tmp_path), "x.json: not a readable header of features", "delete it"
        )
    header.write_text(json.dumps(good))
    np.save(tmp_path / "x.npy", np.load(tmp_path / "x.npy")[:-1])
    fails(lambda: split_of(awa, "awa", tmp_path), "x.npy: has 149 rows and", "x.json 150 images; delete both")


def test_the_defaults_are_the_papers():
    assert {key: rule["default"] for key, rule in awa.OPTIONS.items()} == {
        **{f"{part}_rows": 30 for part in ("train", "validation", "test")},
        **{"components": 500, "images": 30_475},
    }
    assert awa2.OPTIONS["images"]["default"] == 37_322


# AWA2


def test_archive_and_folder_of_awa2_give_the_same_rows(members2, tmp_path):
    archive = write_zip(tmp_path / awa2.ARCHIVE, members2)
    X, header = read(awa2, archive, tmp_path)
    assert np.array_equal(X, expected(2048, images=range(IMAGES)))
    assert header["classes"] == dict.fromkeys(CLASSES, IMAGES)
    write_tree(tmp_path, members2)
    again, _ = read(awa2, tmp_path / awa2.FOLDER, tmp_path)
    assert np.array_equal(X, again)
    assert split_of(awa2, "awa2", tmp_path).tasks == tuple(CLASSES)


def drop_line(content, number):
    lines = content.splitlines(keepends=True)
    return b"".join(lines[: number - 1] + lines[number:])


@pytest.mark.parametrize(
    ("file", "change", "expected"),
    [
        (
            awa2.NUMBERS,
            lambda text: text.replace(b" ", b"x", 1),
            "line 1 of AwA2-features.txt: not all of it",
        ),
        (
            awa2.NUMBERS,
            lambda text: text.replace(b" ", b"\n", 1),
            "line 1 of AwA2-features.txt: holds 1 numbers",
        ),
        (awa2.NUMBERS, lambda text: drop_line(text, 7), "has 149 lines for 150 labels"),
        (
            awa2.NUMBERS,
            lambda text: text + text[:10_000],
            "line 151 of AwA2-features.txt: there are labels for 150",
        ),
        (awa2.LABELS, lambda text: drop_line(text, 7), "AwA2-labels.txt has 149 lines"),
        (
            awa2.LABELS,
            lambda text: text.replace(b"50\n", b"51\n"),
            "line 148 of AwA2-labels.txt: '51' is no class",
        ),
        (awa2.LABELS, lambda text: text.replace(b"\n1\n", b"\none\n", 1), "line 2 of AwA2-labels.txt: 'one'"),
        (
            awa2.LABELS,
            lambda text: text.replace(b"\n1\n", b"\n" + b"1" * 5000 + b"\n", 1),
            "line 2 of AwA2-labels.txt: '1111",
        ),
        (
            awa2.LABELS,
            lambda text: text.replace(b"\n1\n", b"\n2\n", 1),
            "line 4 of AwA2-filenames.txt: 'beast+01",
        ),
        (
            awa2.NAMES,
            lambda text: text.replace(b"beast+00_10001", b"beast+00", 1),
            "line 1 of AwA2-filenames.txt",
        ),
        (awa2.NAMES, None, "AwA2-filenames.txt is missing"),
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
    fails(lambda: read(awa2, path, tmp_path), "no such file")
    content = write_zip(path, members2).read_bytes()
    for changed in (content[: len(content) // 2], content[:90_000] + b"\0\0\0" + content[90_003:], b""):
        path.write_bytes(changed)
        fails(lambda: read(awa2, path, tmp_path), path, "fresh copy")
    write_zip(path, members2 | {"../../etc/passwd": b"x"})
    fails(lambda: read(awa2, path, tmp_path), path, "../../etc/passwd: leads out of the archive's folder")


def test_progress_is_shown(members, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(features, "SECONDS_BETWEEN_PROGRESS_LINES", 0.0)
    read(awa, write_tar(tmp_path / "a.tar.bz2", members), tmp_path)
    shown = capsys.readouterr().err
    assert "a.tar.bz2: 17 images\n" in shown and "150 images of 50 classes read" in shown
