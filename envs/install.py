"""Install a lock with pip: ``python envs/install.py LOCK``. A failure is reported in one line.

Only the standard library: it runs before any package is installed.
"""

import re
import subprocess
import sys

# A lock names every package, so that pip has nothing to resolve.
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2")
PIP += ("--require-hashes", "--no-deps")
# What pip says when it has no connection; its last lines only say that it found no version.
NO_CONNECTION = re.compile(
    r"Failed to establish a new connection|NameResolutionError|Temporary failure in name resolution|"
    r"Network is unreachable|Connection refused|ConnectTimeout|Read timed out|Cannot connect to proxy"
)
NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")


def main():
    lock = sys.argv[1]
    done = subprocess.run(
        [sys.executable, *PIP, "-r", lock], stderr=subprocess.PIPE, text=True, errors="replace"
    )
    if done.returncode:
        sys.exit(f"error: the packages of {lock} cannot be installed: {reason(done.stderr)}")
    sys.stderr.write(done.stderr)


def reason(text):
    """Return why pip failed and what to do, in one line. text : what it wrote to standard error."""
    if found := NO_CONNECTION.search(text):
        return (
            f"no network: the package registry does not answer ({found[0]}); connect, or set pip's index-url "
            "to one that does, and run make again"
        )
    if found := NO_SPACE.search(text):
        return f"{found[0]}; free some space and run make again"
    lines = [line for line in text.splitlines() if line.startswith("ERROR:")] or text.splitlines()
    return " ".join(lines[0].removeprefix("ERROR:").split()) if lines else "pip was stopped; run make again"


if __name__ == "__main__":
    main()
