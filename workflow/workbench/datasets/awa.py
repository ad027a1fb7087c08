"""Animals with Attributes: 50 kinds of animal as one-vs-rest tasks, 30 images of each in every part.

The features are the DeCAF features released with the images: 4,096 numbers per image in a text file of its
own, Animals_with_Attributes/Features/decaf/CLASS/CLASS_0001.txt, newline- or comma-separated, 30,475 files.
They are read from the archive without unpacking it, or from the unpacked folder. PCA on the training rows
reduces them to 500. classes.txt (number, name) gives the order of the classes. It is looked for in the
archive or folder and in the data folder; without it the classes are sorted by name. The order does not
change which rows are drawn.
"""

import bz2
import re
import tarfile
from pathlib import Path

from amtl.errors import InputError
from workbench.datasets._image_features import draw_split, feature_options
from workbench.datasets._readers import archives, features
from workbench.datasets._spec import DatasetSpec

IMAGES = 30_475

ARCHIVE = "AwA-features-decaf.tar.bz2"
FOLDER = "decaf"
CLASSES = 50
WIDTH = 4096
BLOCK = 1 << 20
# Upper bounds on the size of the text of one image, and of what a tar archive adds to a member: its header
# and the padding of its last block.
MAX_IMAGE_BYTES = WIDTH * features.MAX_NUMBER_CHARACTERS
MEMBER_BYTES = 1024
MAX_UNPACKED_BYTES = IMAGES * (MAX_IMAGE_BYTES + MEMBER_BYTES)
# Upper bound on extended headers, which belong to no member.
MAX_HEADER_BYTES = 16 << 20


def files(options, index=None):
    """Return the archive."""
    return (ARCHIVE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1) from what `read_features` wrote: 50 tasks on shared rows."""
    return draw_split("awa", index, options, raw, seed, "Animals with Attributes, DeCAF features")


def read_features(source, class_list, array):
    """Read the archive or folder `source` into the file `array` as `DatasetSpec.read_features` says.

    class_list : path of a classes.txt elsewhere, or None. The sha256 of a folder covers the names and the
    contents of its files. Raises InputError that names the invalid file or member.
    """
    source = Path(source)
    reader = _Folder(source) if source.is_dir() else _Archive(source)
    if class_list is not None:
        reader.class_list = str(class_list), Path(class_list).read_bytes()

    def in_order(found):
        if len(found) != CLASSES:
            raise InputError(
                f"{source}: holds images of {len(found)} classes, expected {CLASSES}; get a fresh copy"
            )
        if reader.class_list is None:
            return sorted(found)
        return order_of_classes(*reader.class_list, found)

    content = features.write(source, reader.images(), WIDTH, in_order, array)
    return content, reader.read.describe(source) if source.is_dir() else None


def order_of_classes(path, content, found):
    """Return the names in `content`, the bytes of a classes.txt, whose lines are numbers from 1 on and names.

    Raises InputError that names `path` unless the names are the classes `found`.
    """
    names = []
    for line in content.decode("utf-8", "replace").splitlines():
        fields = line.split()
        if fields:
            if len(fields) != 2 or fields[0] != str(len(names) + 1):
                raise InputError(
                    f"{path}: {line.strip()!r} is not the number {len(names) + 1} and a name; "
                    "get a clean copy"
                )
            names.append(fields[1])
    for name in sorted(found.symmetric_difference(names)):
        where = "has no images" if name in names else "is not in the list"
        raise InputError(f"{path}: class {name!r} {where}; get list and features from one source")
    return names


def _image(path, where):
    """Return (class, name of the image) of the text file at `path`; raise InputError for other names."""
    name_of_class = path.parent.name
    if not re.fullmatch(re.escape(name_of_class) + r"_\d+\.txt", path.name):
        raise InputError(f"{where}: is not named {name_of_class}_NUMBER.txt like the images of its class")
    return name_of_class, path.stem


def _check_size(size, where):
    """Raise InputError for a file that is too large for `WIDTH` numbers, before it is read into memory."""
    if size > MAX_IMAGE_BYTES:
        raise InputError(f"{where}: {size:,} bytes are too many for {WIDTH:,} numbers; get a fresh copy")


class _Folder:
    """The unpacked folder ``decaf``, with one folder per class."""

    def __init__(self, path):
        self.path = path
        lists = (path / "classes.txt", path.parent.parent / "classes.txt")
        found = next((file for file in lists if file.is_file()), None)
        self.class_list = None if found is None else (str(found), found.read_bytes())
        self.read = features.RunningSum()

    def images(self):
        """Yield (class, image, numbers) of every image."""
        for folder in _visible(self.path):
            for path in _visible(folder) if folder.is_dir() else ():
                name_of_class, image = _image(path, path)
                _check_size(path.stat().st_size, path)
                content = path.read_bytes()
                self.read.add(content, f"{image}\0{len(content)}\0")
                yield name_of_class, image, features.parse(content, WIDTH, path)


def _visible(folder):
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


class _Archive:
    """The tar.bz2 archive, read member by member from beginning to end without unpacking it."""

    def __init__(self, path):
        self.path = path
        self.class_list = None
        self._unpacked = 0

    def images(self):
        """Yield (class, image, numbers) of every image."""
        last = "its beginning"
        try:
            with bz2.open(self.path) as packed:
                stream = archives.Metered(f"{self.path}: headers after {last}", packed, MAX_HEADER_BYTES)
                with tarfile.open(fileobj=stream, mode="r|") as archive:
                    for member in archive:
                        last = member.name
                        self._allow(stream, member)
                        yield from self._read(archive, member)
                    # tarfile takes a damaged header for the end of the archive, where only zeros may follow.
                    while block := stream.read(BLOCK):
                        if block.strip(b"\0"):
                            raise tarfile.ReadError("not the header of a member")
        except InputError:
            raise
        except (OSError, EOFError, ValueError, tarfile.TarError) as error:
            raise InputError(
                f"{self.path}: not a readable tar.bz2 archive after {last} ({error}); "
                "it is damaged or incomplete, get a fresh copy"
            ) from None

    def _allow(self, stream, member):
        """Let `stream` be read up to the end of `member`, unless the members so far exceed the limit."""
        where = f"{self.path}: {member.name}"
        self._unpacked += MEMBER_BYTES + member.size
        archives.check_size(where, self._unpacked, MAX_UNPACKED_BYTES)
        stream.allowed, stream.where = self._unpacked + MAX_HEADER_BYTES, f"{where}: headers after it"

    def _read(self, archive, member):
        where = f"{self.path}: {member.name}"
        path = Path(member.name)
        archives.check_name(where, member.name)
        if not (member.isreg() or member.isdir()):
            raise InputError(f"{where}: is a link or a device; {archives.REFUSED}")
        if member.isdir() or path.name.startswith("."):
            return
        if path.name == "classes.txt" or path.parent.parent.name == FOLDER:
            _check_size(member.size, where)
            content = archive.extractfile(member).read()
            if path.name == "classes.txt":
                self.class_list = where, content
            else:
                yield *_image(path, where), features.parse(content, WIDTH, where)


SPEC = DatasetSpec(
    name="awa",
    title="AWA",
    order=70,
    kind="one-vs-rest",
    make_split=make_split,
    files=files,
    options=feature_options(IMAGES),
    read_features=read_features,
    class_lists=("awa/classes.txt", "Animals_with_Attributes/classes.txt", "classes.txt"),
    splits_overlap=True,
)
