"""What all tests share. One thread for linear algebra, set before numpy is imported anywhere."""

import os
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import pytest  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project():
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data():
    """The folder with the real datasets' raw files; without it the tests that need it are skipped."""
    folder = Path(os.environ.get("DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "amtl-authors").is_dir():
        pytest.skip(f"no real data: {folder} does not exist; set DATA to the folder")
    return folder
