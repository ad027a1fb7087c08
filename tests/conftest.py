"""What all tests share. One thread for linear algebra, set before numpy is imported anywhere."""

import os
from collections import Counter
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import pytest  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


def pytest_terminal_summary(terminalreporter, config):
    """With --durations, show how long each file's tests took, the longest first."""
    if not config.option.durations:
        return
    seconds = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            seconds[getattr(report, "nodeid", "").partition("::")[0]] += getattr(report, "duration", 0)
    terminalreporter.section(f"slowest {config.option.durations} files")
    for file, total in seconds.most_common(config.option.durations):
        terminalreporter.write_line(f"{total:.2f}s {file}")


@pytest.fixture(scope="session")
def project():
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def data_folder():
    """The folder with raw files, in the variable DATA; without it the tests that need it are skipped."""
    folder = Path(os.environ.get("DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no raw files: {folder} does not exist; set DATA to the folder that has them")
    return folder


@pytest.fixture(scope="session")
def shared_data(data_folder):
    """The folder with the raw files of the paper's datasets."""
    if not (data_folder / "amtl-authors").is_dir():
        pytest.skip(f"no files of the paper's authors in {data_folder}; set DATA to the folder that has them")
    return data_folder
