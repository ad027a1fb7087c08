"""Cholesky factors of the solvers' symmetric matrices."""

from scipy.linalg import cho_factor


def factorize(A, overwrite=False):
    """Return the lower Cholesky factor of a symmetric A (n, n), as `scipy.linalg.cho_solve` takes it.

    LAPACK reads columns. For an array of rows scipy first copies A one entry at a time, which takes longer
    than the factor itself; the transpose is the same matrix, by columns.

    overwrite : whether A may lose its entries.

    Raises
    ------
    scipy.linalg.LinAlgError
        If A is not positive definite.
    """
    by_columns = A.T if A.flags.c_contiguous else A
    return cho_factor(by_columns, lower=True, overwrite_a=overwrite, check_finite=False)
