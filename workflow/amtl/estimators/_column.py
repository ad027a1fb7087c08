"""Tasks as a column of the table, for scikit-learn's tools that hand over rows and nothing else."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from amtl.errors import InputError, nearest


def _has(method):
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class TaskColumn(MetaEstimatorMixin, BaseEstimator):
    """An estimator whose tasks are a column of X, so that no tool has to route ``task``.

    scikit-learn's named scorers, ``cross_val_predict`` and ``permutation_importance`` call ``predict`` with
    the rows alone. With the tasks among the columns they work, and need no metadata routing.

    Every training part needs rows of every task that is predicted. Folds without shuffling leave out whole
    tasks where the rows are sorted by task: use ``StratifiedKFold(shuffle=True).split(X, tasks)``, or another
    shuffled splitter.

    Parameters
    ----------
    estimator : estimator
        One of this package. A pipeline that routes ``task`` needs metadata routing.
    column : str or int
        Name of the column in a DataFrame, or its position in an array.

    Attributes
    ----------
    estimator_ : estimator
        The fitted estimator, on the other columns.
    classes_ : ndarray
        The labels, of a classifier.

    Examples
    --------
    >>> import numpy as np
    >>> from amtl import STLRegressor, TaskColumn
    >>> from sklearn.model_selection import cross_val_score
    >>> rng = np.random.default_rng(0)
    >>> X, task = rng.normal(size=(90, 4)), np.tile([0.0, 1.0, 2.0], 30)
    >>> y = X @ [1.0, -1.0, 0.0, 2.0] + rng.normal(size=90)
    >>> model = TaskColumn(STLRegressor(), column=4)
    >>> cross_val_score(model, np.column_stack([X, task]), y, scoring="r2").shape
    (5,)
    """

    def __init__(self, estimator: Any, column: str | int) -> None:
        self.estimator = estimator
        self.column = column

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit the estimator to the other columns of X (n, d + 1), with the tasks of the column."""
        X, task = self._split(X)
        self.estimator_ = clone(self.estimator).fit(X, y, task=task)
        return self

    @available_if(_has("predict"))
    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the predictions (n,)."""
        return self._call("predict", X)

    @available_if(_has("decision_function"))
    def decision_function(self, X: ArrayLike) -> np.ndarray:
        """Return the scores (n,) of the second class."""
        return self._call("decision_function", X)

    @available_if(_has("predict_proba"))
    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return the probabilities (n, 2)."""
        return self._call("predict_proba", X)

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the score of the estimator: R^2, or the share of correct labels."""
        return self._call("score", X, y)

    def __sklearn_tags__(self):
        return get_tags(self.estimator)

    @property
    def classes_(self) -> np.ndarray:
        """The labels."""
        return self.estimator_.classes_

    def _call(self, method, X, *y):
        check_is_fitted(self)
        X, task = self._split(X)
        return getattr(self.estimator_, method)(X, *y, task=task)

    def _split(self, X):
        """Return the other columns of a table, and the column of tasks as an array."""
        if hasattr(X, "columns"):
            names = list(X.columns)
            if self.column not in names:
                raise InputError(
                    f"X has no column {self.column!r} of tasks{nearest(str(self.column), names)}"
                )
            return X[[name for name in names if name != self.column]], np.asarray(X[self.column])
        X = np.asarray(X)
        if X.ndim != 2 or not isinstance(self.column, int) or not -X.shape[1] <= self.column < X.shape[1]:
            raise InputError(
                f"X has shape {X.shape}, so it has no column {self.column!r} of tasks; give its position, "
                "or a DataFrame"
            )
        return np.delete(X, self.column, axis=1), X[:, self.column]
