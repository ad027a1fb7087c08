"""The one line in which a script ends, whatever its error holds."""

import pytest

from amtl.errors import InputError
from workbench.errors import run


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            InputError("a\nfile.mat: is damaged; get\r\na fresh copy"),
            "a file.mat: is damaged; get a fresh copy",
        ),
        (
            PermissionError(13, "Permission denied", "a\nb"),
            "a b: cannot be read or written (Permission denied)",
        ),
        (MemoryError("for\nthis"), "out of memory (for this): raise"),
        (ZeroDivisionError("one\ntwo"), "ZeroDivisionError: one two"),
    ],
)
def test_an_error_with_line_breaks_is_one_line(error, line, capsys):
    def fail():
        raise error

    with pytest.raises(SystemExit) as end:
        run(fail)
    assert end.value.code == 1
    said = [each for each in capsys.readouterr().err.splitlines() if each.startswith("error:")]
    assert len(said) == 1 and said[0].startswith(f"error: {line}")
