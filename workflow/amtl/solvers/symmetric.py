"""Factors of symmetric matrices.

LAPACK reads columns. For an array of rows scipy first copies the matrix one entry at a time, which takes
longer than a Cholesky factor itself. The transpose is the same matrix, by columns.
"""

from scipy.linalg import cho_factor, eigh


def factorize(A, overwrite=False):
    """Return the lower Cholesky factor of A (n, n), as `scipy.linalg.cho_solve` takes it.

    overwrite : whether A may lose its entries.

    Raises
    ------
    scipy.linalg.LinAlgError
        If A is not positive definite.
    """
    return cho_factor(_by_columns(A), lower=True, overwrite_a=overwrite, check_finite=False)


def eigenpairs(A, K=None):
    """Return (values, vectors) with A v = value K v, for K positive definite, or the identity by default."""
    return eigh(_by_columns(A), None if K is None else _by_columns(K), check_finite=False)


def _by_columns(A):
    return A.T if A.flags.c_contiguous else A
