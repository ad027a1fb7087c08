"""Time and memory for reading AWA at its full size: 30,475 files of 4,096 numbers.

The archive is generated, in the layout of the real one, and deleted at the end.

    PYTHONPATH=workflow python tests/benchmarks/awa_full_size.py [--images N] [--folder FOLDER] [--tree]
"""

import argparse
import bz2
import io
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
N_CLASSES, WIDTH = 50, 4096
# Number of different texts that are generated; every file holds one of them.
N_TEXTS = 400


def texts(rng):
    """Yield texts of 4,096 numbers as bytes, most of them positive, like the activations of a network."""
    for _ in range(N_TEXTS):
        values = np.maximum(rng.normal(0.3, 1.0, WIDTH), 0.0)
        yield "\n".join(f"{value:.6f}" for value in values).encode() + b"\n"


def members(images):
    """Yield (name, number of the text) of each image, spread evenly over the classes."""
    for image in range(images):
        name = f"animal{image % N_CLASSES:02d}"
        yield f"{ROOT}/{name}/{name}_{image // N_CLASSES + 1:04d}.txt", image % N_TEXTS


def write_archive(path, images, contents):
    # Weak compression, because reading is what is measured.
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


def signed(kind, **content):
    """Return the job with the digest of its code."""
    from workbench.code_dependencies import CodeDependencies

    return kind(code=CodeDependencies().digest(*kind(code="", **content).modules), **content)


def measure(title, script, job, *arguments):
    """Run one of the workflow's scripts; print its wall time, CPU time and peak memory."""
    before = time.perf_counter()
    command = [sys.executable, "-P", "-m", "workbench.run_script", script, "--job", job.to_json(), *arguments]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(WORKFLOW)})
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - before
    if status:
        sys.exit(f"{script} failed")
    # ru_maxrss is in KiB on Linux.
    print(
        f"{title}: {seconds:.1f} s, CPU time {usage.ru_utime + usage.ru_stime:.1f} s, "
        f"peak memory {usage.ru_maxrss / 2**20:.2f} GiB"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=30_475)
    parser.add_argument("--folder", type=Path, help="folder for the temporary files")
    parser.add_argument("--tree", action="store_true", help="read the unpacked folder, not the archive")
    args = parser.parse_args()
    from workbench.datasets import awa
    from workbench.jobs import FeaturesJob, PrepareJob
    from workbench.raw_files import registry

    entry = registry.load(WORKFLOW.parent / "config" / "raw-files.yaml")[awa.ARCHIVE]
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
        features = signed(
            FeaturesJob,
            module=awa.__name__,
            file=awa.ARCHIVE,
            identity=registry.identity(entry),
            listing="",
        )
        measure("reading", "features", features, "--source", source, "--array", array, "--header", header)
        options = {name: rule["default"] for name, rule in awa.SPEC.options.items()}
        split = signed(
            PrepareJob,
            dataset="awa",
            module=awa.__name__,
            index=1,
            seed=0,
            options=options | {"images": args.images},
            files={},
            checksums={},
            features=features.digest,
        )
        measure("one split", "prepare", split, "--raw", array, header, "--output", folder / "split1.npz")


if __name__ == "__main__":
    main()
