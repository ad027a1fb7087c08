"""Eigenvalues of a Gram matrix."""

import numpy as np

# Eigenvalues below this share of the largest one count as zero.
RANK_TOLERANCE = 1e-12


def spectrum(G):
    """Return the positive eigenvalues (r,) of a Gram matrix and their vectors (T, r)."""
    values, vectors = np.linalg.eigh(G)
    kept = values > RANK_TOLERANCE * max(values[-1], 0.0)
    return values[kept], vectors[:, kept]


def solve_symmetric(G, b):
    """Return the shortest x that minimizes ||G x - b||."""
    values, vectors = spectrum(G)
    return vectors @ ((vectors.T @ b) / values)
