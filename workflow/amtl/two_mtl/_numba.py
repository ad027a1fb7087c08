"""The decorator of compiled functions. The rest of the library works without numba."""

try:
    import numba
except ImportError:
    raise ImportError("2MTL needs numba: pip install amtl[2mtl]") from None

# The result of a fit must not depend on the order of sums that a compiler prefers, so fastmath is off.
compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
