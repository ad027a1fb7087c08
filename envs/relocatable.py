"""Make the virtual environment of this Python work after its folder is moved; run after each installation.

pip and venv write the environment's path into the scripts of ``bin``, which would still run what is in the
old folder after a move. This program changes the scripts so that they find their Python by their own place.
"""

import sys
from pathlib import Path

# Shell and Python read these lines differently: the shell starts Python, to which they are a string.
HEADER = """#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"
' '''
"""
# How pip begins a script if the path is too long, or has a space.
LONG_HEADER = "#!/bin/sh\n'''exec' "
# {script for a shell: (a line of it, what is inserted before that line)}. A shell that does not say where the
# script is keeps the path that venv wrote.
ACTIVATE = {
    "activate": (
        '_OLD_VIRTUAL_PATH="$PATH"\n',
        """# The folder of this script, so that it may be moved.
_VIRTUAL_ENV_HERE="$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE:-$0}")/.." > /dev/null 2>&1 && pwd)"
if [ -f "$_VIRTUAL_ENV_HERE/pyvenv.cfg" ] ; then
    VIRTUAL_ENV="$_VIRTUAL_ENV_HERE"
fi
unset _VIRTUAL_ENV_HERE

""",
    ),
    "activate.fish": (
        "set -gx _OLD_VIRTUAL_PATH $PATH\n",
        """# The folder of this script, so that it may be moved.
set -gx VIRTUAL_ENV (realpath (dirname (status filename))/..)

""",
    ),
}
# csh does not say where a script is: this one would use the old path, so it is deleted.
UNABLE = "activate.csh"


def main():
    if sys.prefix == sys.base_prefix:
        sys.exit(f"error: {sys.prefix} is no virtual environment")
    folder = Path(sys.prefix, "bin")
    for path in folder.iterdir():
        if path.is_file() and not path.is_symlink():
            make_relocatable(path)
    for name, (line, text) in ACTIVATE.items():
        path = folder / name
        script = path.read_text(encoding="utf-8") if path.exists() else text
        if text not in script:
            if line not in script:
                sys.exit(f"error: {path} has an unknown form, so it would not work in another folder")
            path.write_text(script.replace(line, text + line, 1), encoding="utf-8")
    (folder / UNABLE).unlink(missing_ok=True)


def make_relocatable(path):
    """Change the header of a Python script that names the environment's path."""
    with path.open("rb") as stream:
        if stream.read(2) != b"#!":
            return
    script = path.read_text(encoding="utf-8")
    lines = script.splitlines(keepends=True)
    count = 3 if script.startswith(LONG_HEADER) else 1
    header, rest = "".join(lines[:count]), "".join(lines[count:])
    if f"{sys.prefix}/bin/python" in header:
        path.write_text(HEADER + rest, encoding="utf-8")


if __name__ == "__main__":
    main()
