"""How long reading AWA takes, and how much memory, at its full size: 30,475 files of 4,096 numbers.

The archive is made up, in the layout of the real one, and thrown away; it says nothing about AWA itself.

    PYTHONPATH=workflow python tests/benchmarks/awa_full_size.py [--images N] [--folder FOLDER] [--tree]
"""

import argparse
import bz2
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np

WORKFLOW = Path(__file__).resolve().parents[2] / "workflow"
ROOT = "Animals_with_Attributes/Features/decaf"
CLASSES, WIDTH = 50, 4096
# So many texts are made; every file holds one of them.
TEXTS = 400


def texts(rng):
    """Yield bytes of 4,096 numbers each, most of them positive, as an activation of a network is written."""
    for _ in range(TEXTS):
        values = np.maximum(rng.normal(0.3, 1.0, WIDTH), 0.0)
        yield "\n".join(f"{value:.6f}" for value in values).encode() + b"\n"


def members(images):
    """Yield (name, number of the text) of so many images, spread over the classes as evenly as possible."""
    for image in range(images):
        name = f"animal{image % CLASSES:02d}"
        yield f"{ROOT}/{name}/{name}_{image // CLASSES + 1:04d}.txt", image % TEXTS


def write_archive(path, images, contents):
    # Weak compression: what is measured is reading.
    with bz2.open(path, "wb", compresslevel=1) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
        for name, text in members(images):
            member = tarfile.TarInfo(name)
            member.size = len(contents[text])
            archive.addfile(member, io.BytesIO(contents[text]))


def write_tree(folder, images, contents):
    for name, text in members(images):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[text])


def measure(title, script, *arguments):
    """Run one of the workflow's scripts by itself; print its wall time and the most memory that it held."""
    before = time.perf_counter()
    environment = {
        **os.environ,
        "PYTHONPATH": str(WORKFLOW),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [sys.executable, WORKFLOW / "scripts" / script, *arguments]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - before
    if status:
        sys.exit(f"{script} failed")
    # Kibibytes on Linux.
    print(
        f"{title}: {seconds:.1f} s, of them {usage.ru_utime + usage.ru_stime:.1f} s of processor time; "
        f"{usage.ru_maxrss / 2**20:.2f} GiB at most"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=30_475)
    parser.add_argument("--folder", type=Path, help="where the files are made and removed")
    parser.add_argument(
        "--tree", action="store_true", help="read the unpacked folder in place of the archive"
    )
    args = parser.parse_args()
    from workbench.datasets import awa
    from workbench.raw_files import raw

    entry = raw.load_registry(WORKFLOW.parent / "config" / "raw-files.yaml")[awa.ARCHIVE]
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        folder = Path(folder)
        contents = list(texts(np.random.default_rng(0)))
        if args.tree:
            source = folder / ROOT
            write_tree(folder, args.images, contents)
        else:
            source = folder / awa.ARCHIVE
            write_archive(source, args.images, contents)
            print(f"archive: {args.images:,} files, {source.stat().st_size / 2**20:,.0f} MiB", flush=True)
        array, header = folder / "awa.npy", folder / "awa.json"
        job = json.dumps({"module": "awa", "files": {awa.ARCHIVE: entry}})
        measure(
            "reading", "features.py", "--job", job, "--source", source, "--array", array, "--header", header
        )
        options = {key: rule["default"] for key, rule in awa.OPTIONS.items()} | {"images": args.images}
        job = {"dataset": "awa", "module": "awa", "index": 1, "seed": 0, "options": options, "files": {}}
        raw_files = [f"--raw={path.name}={path}" for path in (array, header)]
        measure(
            "one split", "prepare.py", "--job", json.dumps(job), *raw_files, "--output", folder / "split1.npz"
        )


if __name__ == "__main__":
    main()
