"""The decorator of compiled functions. numba, an extra, takes about a third of a CPU second to import."""

try:
    import numba
except ImportError:
    numba = None


def compiled(function):
    """Return the function compiled by numba, or as it is where numba is not installed."""
    if numba is None:
        return function
    # The result of a fit must not depend on the order of sums that a compiler prefers, so fastmath is off.
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
