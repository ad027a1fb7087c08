"""The decorator of compiled functions, for models that are too slow without numba."""

from amtl._compiled import compiled, numba

if numba is None:
    raise ImportError("2MTL needs numba: pip install amtl[2mtl]")

__all__ = ["compiled"]
