"""2MTL with logistic regression and softmax, as a scikit-learn estimator."""

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from amtl._arrays import check_finite_sizes
from amtl.errors import InputError
from amtl.estimators._base import _split, _stacked
from amtl.estimators._data import Features
from amtl.estimators._tasks import check_labels, rows_to_predict, training_rows
from amtl.estimators._types import ByTask, Predicted, Scores
from amtl.problem import INTERCEPTS
from amtl.two_mtl._options import SolverMixin
from amtl.two_mtl.objective import Objective

OWN = {"intercept": {"enum": INTERCEPTS}, "standardize": {"enum": (True, False)}}


class TwoMTLClassifier(ClassifierMixin, SolverMixin, BaseEstimator):
    """Second-order adaptive multi-task learning with logistic regression or softmax.

    Tasks share rows: task t learns from the rows of task s with the weight A_ts, the similarity of their
    weights. It minimizes ::

        sum_t ||w_t||^2 / (2 sigma^2) - sum_s A_ts L(w_t, d_s)

    L(w, d_s) is the log-likelihood of all rows of task s. The updates take one row of every task at a time,
    with a step size for every weight that follows from the last two steps. A task may have rows of one class
    alone.

    Parameters
    ----------
    similarity : {"rbf", "poly", "cor", "identity", "ones"} or array-like of shape (T, T), default="rbf"
        How A follows from the weights. `identity` learns single tasks, `ones` one model from all rows. An
        array is A itself.
    C : float, default=2.0
        Divisor of A off the diagonal for `rbf`, `poly` and `cor`: larger values share less.
    sigma : float, default=1.0
        Standard deviation of the prior of the weights, of standardized features.
    similarity_width : float or None, default=None
        Width of `rbf`. None for half the median distance of two tasks, at each update of A: then A compares
        the tasks with each other. How alike all of them are does not show, and two tasks always have the same
        similarity.
    degree : int, default=1
        Degree of `poly`.
    n_neighbors : int or None, default=None
        Keep so many other tasks in every row of A, the most similar ones. None keeps all.
    solver : {"accelerated", "2mtl", "first-order", "batch"}, default="accelerated"
        `accelerated` updates A every few passes, `2mtl` when the weights have settled. `first-order` is
        `accelerated` with decaying step sizes, `batch` L-BFGS at each A. With a fixed A `accelerated` and
        `2mtl` are 2MTL-F.
    passes : int, default=10
        Passes over the rows. For `2mtl` those at each A; `batch` has none.
    update_every : int, default=2
        Passes between updates of A for `accelerated` and `first-order`.
    step_rule : {"bounded", "printed", "smallest", "first-order"}, default="bounded"
        Step sizes. `printed` is the paper's rule without an upper bound, which can diverge.
    first_step : float or None, default=None
        First step size in units of 1 / (mean squared norm of a row). None to choose it on a part of the rows.
    intercept : {"free", "feature", "none"}, default="free"
        `free`: not penalized. `feature`: penalized like a weight. A never depends on the intercepts.
    standardize : bool, default=True
        Whether features are standardized by all training rows together. `coef_` is in the given units.
    tol : float, default=0.01
        Largest relative change of the objective in the last pass of a converged fit.
    evaluate : bool, default=True
        Whether the trace has the objective of every pass, which costs about half a pass, or of the last ones.
    random_state : int, RandomState instance or None, default=0
        Seed of the rows' order and the first weights. None stands for 0.
    verbose : bool, default=False
        Whether to print a line after every pass.

    Attributes
    ----------
    coef_ : ndarray of shape (T, d) or (T, number of classes, d)
        Weights in the given units; a row per class for more than two classes.
    intercept_ : ndarray of shape (T,) or (T, number of classes)
        Intercepts.
    similarity_ : ndarray of shape (T, T)
        A of the last pass.
    tasks_ : ndarray of shape (T,)
        Names of the tasks.
    classes_ : ndarray of shape (number of classes,)
        The labels.
    n_features_in_ : int
        Number of features d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the features, if they are texts.
    trace_ : list of dict
        An entry per pass: `pass`, `seconds`, `step` (median step size), `objective`, `gradient` (largest
        norm, relative to that at zero weights) and `similarity_change`.
    objective_ : float
        The objective at the fit, in standardized features.
    converged_ : bool
        Whether the last pass changed the objective by at most `tol`, and the relative gradient norm is at
        most 0.2. This is no certificate: where features have very different sizes, or few rows count, the
        optimum of `batch` may be far lower. For `batch`, whether the relative gradient norm is at most 1e-8
        and A has settled.
    n_iter_ : int
        Number of passes.
    weights_ : ndarray of shape (T, number of weights)
        The weights of standardized features, from which `partial_fit` continues.
    first_step_ : float
        The first step size that was used.
    calls_ : int
        Number of calls of `partial_fit`, 1 after `fit`.

    See Also
    --------
    MTLSequenceTagger : The same for sequences of labels.

    References
    ----------
    X. Sun et al., 2MTL: second-order adaptive multi-task learning.

    Examples
    --------
    >>> import numpy as np
    >>> from amtl import TwoMTLClassifier
    >>> rng = np.random.default_rng(0)
    >>> X, task = rng.normal(size=(90, 4)), np.repeat(["a", "b", "c"], 30)
    >>> y = (X @ [1.0, -1.0, 0.0, 2.0] > 0).astype(int)
    >>> model = TwoMTLClassifier().fit(X, y, task)
    >>> model.coef_.shape, model.similarity_.shape, model.predict(X[:5], task[:5]).shape
    ((3, 4), (3, 3), (5,))
    """

    # Of the classes of several tasks none is a task of its own.
    _takes_shared_rows = False

    def __init__(
        self,
        similarity: Literal["rbf", "poly", "cor", "identity", "ones"] | ArrayLike = "rbf",
        *,
        C: float = 2.0,
        sigma: float = 1.0,
        similarity_width: float | None = None,
        degree: int = 1,
        n_neighbors: int | None = None,
        solver: Literal["accelerated", "2mtl", "first-order", "batch"] = "accelerated",
        passes: int = 10,
        update_every: int = 2,
        step_rule: Literal["bounded", "printed", "smallest", "first-order"] = "bounded",
        first_step: float | None = None,
        intercept: Literal["free", "feature", "none"] = "free",
        standardize: bool = True,
        tol: float = 1e-2,
        evaluate: bool = True,
        random_state: int | np.random.RandomState | None = 0,
        verbose: bool = False,
    ) -> None:
        self.similarity, self.C, self.sigma = similarity, C, sigma
        self.similarity_width, self.degree, self.n_neighbors = similarity_width, degree, n_neighbors
        self.solver, self.passes, self.update_every = solver, passes, update_every
        self.step_rule, self.first_step = step_rule, first_step
        self.intercept, self.standardize = intercept, standardize
        self.tol, self.evaluate, self.random_state, self.verbose = tol, evaluate, random_state, verbose

    def fit(self, X: ByTask, y: ByTask, task: ArrayLike | None = None) -> Self:
        """Fit all tasks together.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of T array-likes of shape (n_t, d)
            The rows, as one table or as one table per task.
        y : array-like of shape (n,), or list or dict of T array-likes of shape (n_t,)
            The labels, in the same form.
        task : array-like of shape (n,), optional
            The task of each row of a single table. Without it all rows are one task.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            For invalid rows or parameters. The message names the task and says what to do.
        TypeError
            For sparse arrays.
        ImportError
            If numba is not installed.
        """
        rows = self._rows(X, y, task)
        self.classes_, labels = np.unique(rows.y, return_inverse=True)
        self._check_classes()
        self.tasks_ = np.array(rows.names)
        self._features = Features(rows.X, self.standardize, reduce=False)
        self._solve(*self._problem(rows.X, labels, rows.codes))
        return self._in_given_units()

    def partial_fit(
        self,
        X: ByTask,
        y: ByTask,
        task: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        tasks: ArrayLike | None = None,
    ) -> Self:
        """Make one pass over rows that arrive in parts.

        The means and deviations of the features, the tasks and the classes are those of the first call. The
        step sizes of call k are those of the first one divided by the root of k. The penalty counts in full
        in each call: for a pass in m parts multiply sigma by the root of m.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, as for `fit`. Later calls may have some of the tasks.
        y : array-like of shape (n,), or list or dict of array-likes of shape (n_t,)
            The labels, in the same form.
        task : array-like of shape (n,), optional
            The task of each row of a single table.
        classes : array-like, optional
            All labels, if the first call does not have all of them.
        tasks : array-like, optional
            Names of all tasks, if the first call does not have all of them.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            As for `fit`, and for tasks and labels that the first call did not name.
        TypeError
            For sparse arrays.
        """
        first, width = not hasattr(self, "weights_"), getattr(self, "n_features_in_", None)
        rows = self._rows(X, y, task)
        if first:
            self.classes_ = np.unique(rows.y if classes is None else classes)
            self._check_classes()
            self.tasks_ = np.array(rows.names) if tasks is None else np.unique(tasks)
            self._features = Features(rows.X, self.standardize, reduce=False)
        elif self.n_features_in_ != width:
            given, self.n_features_in_ = self.n_features_in_, width
            raise InputError(
                f"X has {given} features, but TwoMTLClassifier is expecting {width} features as input"
            )
        labels = _positions(rows.y, self.classes_, "label", "classes")
        codes = _positions(np.array(rows.names), self.tasks_, "task", "tasks")[rows.codes]
        self._solve_part(*self._problem(rows.X, labels, codes))
        return self._in_given_units()

    def _rows(self, X, y, task):
        self._check_parameters(**OWN)
        rows = training_rows(self, X, y, task, numeric=False)
        if rows.y.ndim == 2:
            raise InputError("y has several columns; a classifier takes one column of labels")
        empty = np.flatnonzero(np.bincount(rows.codes, minlength=len(rows.names)) == 0)
        if len(empty):
            raise InputError(f"task {rows.names[empty[0]]!r} has no training rows; leave out the task")
        check_finite_sizes(rows.X, "features", names=getattr(self, "feature_names_in_", None))
        check_labels(rows.y, "y", "drop the row, or give its label")
        check_classification_targets(rows.y)
        return rows

    def _check_classes(self):
        if len(self.classes_) < 2:
            raise InputError(f"y has one class only, {self.classes_.tolist()}; a classifier needs two")

    def _problem(self, X, labels, codes):
        """Return the `Objective` of rows in any order, and which weights the similarities depend on."""
        from amtl.two_mtl.models.logistic import Logistic
        from amtl.two_mtl.models.softmax import Softmax

        order = np.argsort(codes, kind="stable")
        Z = self._features.transform(X[order])
        if self.intercept == "none":
            Z = Z[:, :-1]
        offsets = np.searchsorted(codes[order], np.arange(len(self.tasks_) + 1))
        n_classes = len(self.classes_)
        if n_classes == 2:
            model = Logistic(Z, labels[order], offsets)
        else:
            model = Softmax(Z, labels[order], offsets, n_classes)
        decay, kept = np.full(model.shape, 1.0 / self.sigma**2), np.ones(model.shape, dtype=bool)
        if self.intercept != "none":
            kept[-1] = False
        if self.intercept == "free":
            decay[-1] = 0.0
        return Objective(model, decay.ravel()), kept.ravel()

    def _in_given_units(self):
        T, K = len(self.tasks_), 1 if len(self.classes_) == 2 else len(self.classes_)
        tables = self.weights_.reshape(T, -1, K).transpose(1, 0, 2).reshape(-1, T * K)
        coef, intercept = self._features.coefficients(tables, self.intercept != "none")
        if K > 1:
            coef, intercept = coef.reshape(T, K, -1), intercept.reshape(T, K)
        self.coef_, self.intercept_ = coef, intercept
        return self

    def _scores(self, X, task):
        check_is_fitted(self)
        X, codes, of_list = rows_to_predict(self, X, task, self.tasks_.tolist(), True)
        scores = np.empty((len(X), *self.coef_.shape[1:-1]))
        for t in np.unique(codes):
            scores[codes == t] = X[codes == t] @ self.coef_[t].T + self.intercept_[t]
        return scores, of_list

    def decision_function(self, X: ByTask, task: ArrayLike | None = None) -> Scores:
        """Return the scores of the classes.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, in any form that `fit` takes. A dict may have some of the tasks.
        task : array-like of shape (n,), optional
            The task of each row, if the estimator was fitted to several tasks and `X` is one table.

        Returns
        -------
        ndarray of shape (n,) or (n, number of classes), or list of ndarrays
            Positive for the second of two classes; a column per class for more. A list for a list or dict.
        """
        return _split(*self._scores(X, task))

    def predict(self, X: ByTask, task: ArrayLike | None = None) -> Predicted:
        """Return the most probable labels.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, in any form that `fit` takes. A dict may have some of the tasks.
        task : array-like of shape (n,), optional
            The task of each row, if the estimator was fitted to several tasks and `X` is one table.

        Returns
        -------
        ndarray of shape (n,), or list of ndarrays of shape (n_t,)
            The labels; ties go to the first. A list for a list or dict, in its order.
        """
        scores, of_list = self._scores(X, task)
        best = (scores > 0.0).astype(int) if scores.ndim == 1 else np.argmax(scores, axis=1)
        return _split(self.classes_[best], of_list)

    def predict_proba(self, X: ByTask, task: ArrayLike | None = None) -> Scores:
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, in any form that `fit` takes. A dict may have some of the tasks.
        task : array-like of shape (n,), optional
            The task of each row, if the estimator was fitted to several tasks and `X` is one table.

        Returns
        -------
        ndarray of shape (n, number of classes), or list of ndarrays of shape (n_t, number of classes)
            A list for a list or dict, in its order.
        """
        scores, of_list = self._scores(X, task)
        if scores.ndim == 1:
            return _split(np.column_stack([expit(-scores), expit(scores)]), of_list)
        return _split(softmax(scores, axis=1), of_list)

    def score(
        self,
        X: ByTask,
        y: ByTask,
        task: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the share of correct labels on all rows together.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, as for `predict`.
        y : array-like of shape (n,), or list or dict of array-likes of shape (n_t,)
            The labels, in the same form.
        task : array-like of shape (n,), optional
            The task of each row.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
            The share.
        """
        return float(accuracy_score(*_stacked(y, self.predict(X, task)), sample_weight=sample_weight))


def _positions(values: Any, known: np.ndarray, what: str, argument: str) -> np.ndarray:
    """Return the positions of `values` in `known`; raise InputError for a new one."""
    order = np.argsort(known, kind="stable")
    at = order[np.minimum(np.searchsorted(known, values, sorter=order), len(known) - 1)]
    new = known[at] != values
    if np.any(new):
        value = np.asarray(values)[new].tolist()[0]
        raise InputError(f"new {what} {value!r}; give all of them as {argument} in the first call")
    return at
