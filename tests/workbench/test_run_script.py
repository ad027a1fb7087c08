"""Jobs never run other code than their sources hold, whatever byte code is cached."""

import os
import subprocess
import sys

import pytest

from workbench.plugins import ROOT

SCRIPT = "def main():\n    print({value})\n"


@pytest.fixture
def run(tmp_path):
    """Return the function that runs the script `greet` of a folder with our loader."""
    for package in ("workbench", "amtl"):
        (tmp_path / package).symlink_to(ROOT / package)
    (tmp_path / "scripts").mkdir()

    def start(*arguments, **environment):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "workbench.run_script", "greet", *arguments],
            env={**os.environ, "PYTHONPATH": str(tmp_path), **environment},
            capture_output=True,
            text=True,
        )
        return done

    return start


def write(folder, text, date=None):
    path = folder / "scripts" / "greet.py"
    path.write_text(text, encoding="utf-8")
    if date:
        os.utime(path, (date, date))
    return path


def test_an_edit_of_the_same_size_and_date_runs(run, tmp_path):
    write(tmp_path, SCRIPT.format(value=1), 1e9)
    # A cache that Python believes.
    code = "import scripts.greet; scripts.greet.main()"
    plain = [sys.executable, "-P", "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    assert subprocess.run(plain, env=environment, capture_output=True, text=True).stdout == "1\n"
    write(tmp_path, SCRIPT.format(value=2), 1e9)
    assert subprocess.run(plain, env=environment, capture_output=True, text=True).stdout == "1\n"
    assert run().stdout == "2\n"


def test_arguments_reach_the_script(run, tmp_path):
    write(tmp_path, "import sys\n\ndef main():\n    print(sys.argv)\n")
    assert run("--a", "b c").stdout == "['greet', '--a', 'b c']\n"


def test_an_input_error_is_one_line(run, tmp_path):
    write(
        tmp_path, "from amtl.errors import InputError\n\ndef main():\n    raise InputError('file: wrong')\n"
    )
    done = run()
    assert done.returncode == 1 and done.stderr == "error: file: wrong\n"


def test_blas_gets_one_thread(run, tmp_path):
    write(tmp_path, "import os\n\ndef main():\n    print(os.environ['OPENBLAS_NUM_THREADS'])\n")
    assert run(OPENBLAS_NUM_THREADS="7").stdout == "1\n"
