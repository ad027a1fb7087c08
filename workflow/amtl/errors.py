"""The error for input that cannot be used, and hints at the nearest valid name."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Unusable input. The message is one line that names the file, key or task and says what to do."""


def nearest(name: object, valid: Iterable[str]) -> str:
    """Return a hint such as ``; did you mean 'amtl'?`` or a list of the valid names."""
    valid = sorted(valid)
    lower = {each.lower(): each for each in reversed(valid)}
    close = difflib.get_close_matches(str(name).lower(), lower, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {lower[close[0]]!r}?"
    return f"; valid names: {', '.join(valid)}"
