"""Small networks with balanced gradients, as scikit-learn estimators."""

import warnings
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from amtl._arrays import check_finite_sizes
from amtl.errors import InputError
from amtl.estimators._base import _split, _stacked, seed_of
from amtl.estimators._data import Features, rows_by_task
from amtl.estimators._tasks import check_labels, rows_to_predict, training_rows
from amtl.estimators._types import ByTask, Predicted, Scores
from amtl.methods._check import check_option
from amtl.networks.architectures import ARCHITECTURES
from amtl.networks.balancing import check_options, find_rules, load_rule
from amtl.networks.losses import BINARY, REGRESSION, TaskLosses
from amtl.networks.rows import TaskRows
from amtl.networks.training import train
from amtl.random import generator

COUNT = {"type": "integer", "minimum": 1}
SCHEMAS = {
    "balancing": {"enum": find_rules()},
    "architecture": {"enum": list(ARCHITECTURES)},
    "width": COUNT,
    "layers": {**COUNT, "maximum": 8},
    "learning_rate": {"type": "number", "exclusiveMinimum": 0},
    "steps": COUNT,
    "batch": COUNT,
    "checks": COUNT,
    "validation_fraction": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    "standardize": {"enum": (True, False)},
}


class _MLP(BaseEstimator):
    """What both estimators share: their parameters, the fit and the outputs."""

    _takes_shared_rows = True

    def __init__(
        self,
        balancing: str = "equal",
        *,
        balancing_options: dict[str, Any] | None = None,
        architecture: Literal["shared", "single", "cross-stitch", "mmoe"] = "shared",
        width: int = 32,
        layers: int = 2,
        learning_rate: float = 0.005,
        steps: int = 500,
        batch: int = 64,
        checks: int = 25,
        validation_fraction: float = 0.2,
        standardize: bool = True,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.balancing, self.balancing_options = balancing, balancing_options
        self.architecture, self.width, self.layers = architecture, width, layers
        self.learning_rate, self.steps, self.batch, self.checks = learning_rate, steps, batch, checks
        self.validation_fraction, self.standardize = validation_fraction, standardize
        self.random_state = random_state

    def fit(self, X: ByTask, y: ByTask, task: ArrayLike | None = None) -> Self:
        """Train the network on all tasks.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of T array-likes of shape (n_t, d)
            The rows, as one table or as one table per task.
        y : array-like of shape (n,) or (n, T), or list or dict of T array-likes of shape (n_t,)
            The targets, in the same form. A table with several columns has a task per column, and all tasks
            share its rows.
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
        """
        rule, options = self._check_parameters()
        rows = training_rows(self, X, y, task, numeric=self._numeric)
        check_finite_sizes(rows.X, "features", names=getattr(self, "feature_names_in_", None))
        self.shared_, self.tasks_ = rows.codes is None, np.array(rows.names)
        targets, classes = self._encode(rows)
        self._features = Features(rows.X, self.standardize, reduce=False)
        Z = self._features.transform(rows.X)[:, :-1]
        seed = seed_of(self.random_state)
        train_rows, held_out = self._divide(Z, targets, rows, seed)
        self._losses = TaskLosses(classes)
        self._network = self._make_network(train_rows)
        judged = held_out if held_out is not None else train_rows
        trained = train(
            self._network,
            self._losses,
            train_rows,
            lambda weights: (self._mean_loss(weights, judged),),
            rule,
            options,
            self.learning_rate,
            steps=self.steps,
            batch=self.batch,
            checks=self.checks,
            scales=np.ones(len(self.tasks_)),
            seed=(seed, "network"),
            rule_seed=(seed, "network"),
        )
        if trained.diverged:
            warnings.warn(
                f"{type(self).__name__}: the losses overflowed after {trained.steps} steps; lower "
                "learning_rate, or standardize the features and targets",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.weights_, self.n_iter_ = trained.weights, trained.steps
        self.losses_, self.task_weights_ = trained.losses, trained.task_weights
        self.conflicts_, self.best_check_ = trained.conflicts, trained.best
        return self

    def _check_parameters(self):
        owner = type(self).__name__
        for key, schema in SCHEMAS.items():
            check_option(owner, key, getattr(self, key), schema)
        rule = load_rule(self.balancing)
        if self.balancing != "equal" and self.architecture != "shared":
            raise InputError(
                f"{owner}: balancing={self.balancing!r} needs a shared trunk, but architecture is "
                f"{self.architecture!r}; choose one of the two"
            )
        options = {} if self.balancing_options is None else self.balancing_options
        if not isinstance(options, dict):
            raise InputError(
                f"{owner}: balancing_options is {options!r}; give a dict from options of the rule to values"
            )
        return rule, check_options(rule, options)

    def _divide(self, Z, targets, rows, seed):
        """Return the `TaskRows` for training and those held out, None if no task has rows to hold out."""
        n_tasks = len(self.tasks_)
        if self.shared_:
            n = len(Z)
            order = generator(seed, "network", "validation").permutation(n)
            count = self._count_held_out(n)
            kept, out = np.sort(order[count:]), np.sort(order[:count])
            parts = [TaskRows(Z[own], list(targets[own].T)) if len(own) else None for own in (kept, out)]
            return parts[0], parts[1]
        kept, out = [], []
        for t, own in enumerate(rows_by_task(rows.codes, n_tasks)):
            if len(own) == 0:
                raise InputError(f"task {rows.names[t]!r} has no training rows; leave out the task")
            order = generator(seed, "network", "validation", t).permutation(len(own))
            count = self._count_held_out(len(own))
            kept.append(own[np.sort(order[count:])])
            out.append(own[np.sort(order[:count])])
        parts = []
        for each in (kept, out):
            given = [Z[own] for own in each], [targets[own] for own in each]
            parts.append(TaskRows(*given) if any(map(len, each)) else None)
        return parts[0], parts[1]

    def _count_held_out(self, n):
        """Return how many of n rows are held out; at least one row is left for training."""
        return min(int(round(self.validation_fraction * n)), n - 1)

    def _make_network(self, rows):
        kind = ARCHITECTURES[self.architecture]
        if kind.needs_shared_rows and not rows.shared:
            raise InputError(
                f"{type(self).__name__}: architecture={self.architecture!r} needs rows that the tasks share; "
                "give y with a column for each task, or choose another architecture"
            )
        n_features = self.n_features_in_
        return kind(n_features, len(self.tasks_), self._losses.width, self.width, self.layers)

    def _mean_loss(self, weights, rows):
        """Return the mean over tasks of the mean loss; tasks without rows are left out."""
        outputs = self._network.forward(weights, rows.X)[0]
        losses = rows.means(self._losses.of_rows(outputs, rows.targets))
        found = float(np.mean(losses[rows.n > 0]))
        return found if np.isfinite(found) else np.inf

    def _outputs(self, X, task):
        """Return (outputs, task of each row or None, tasks and sizes of a list or None).

        Outputs are (T, n, width) on shared rows, else (n, width) with those of each row's task.
        """
        check_is_fitted(self)
        X, codes, of_list = rows_to_predict(self, X, task, self.tasks_.tolist(), not self.shared_)
        Z = self._features.transform(X)[:, :-1]
        if codes is None:
            return self._network.forward(self.weights_, Z[None])[0], None, None
        rows = rows_by_task(codes, len(self.tasks_))
        padded = TaskRows([Z[own] for own in rows], [np.zeros(len(own)) for own in rows])
        outputs = self._network.forward(self.weights_, padded.X)[0]
        found = np.empty((len(Z), outputs.shape[2]))
        for own, values in zip(rows, padded.by_task(outputs), strict=True):
            found[own] = values
        return found, codes, of_list


PARAMETERS = """balancing : str, default="equal"
        How the gradients of the tasks in the shared trunk are balanced: `equal`, `static`, `uncertainty`,
        `dwa`, `rlw`, `gradnorm`, `mgda`, `pcgrad`, `cagrad`, `imtl-g`, `nash`, `aligned` or `graddrop`.
    balancing_options : dict, default=None
        Options of the rule, such as ``{"c": 0.2}`` for `cagrad` or ``{"ratio": 4.0}`` for `static`.
    architecture : {"shared", "single", "cross-stitch", "mmoe"}, default="shared"
        A trunk that all tasks share, a network for each task, networks whose activations mix, or experts that
        gates mix. The last three follow the sum of the losses.
    width : int, default=32
        Units of each hidden layer.
    layers : int, default=2
        Hidden layers.
    learning_rate : float, default=0.005
        Learning rate of Adam.
    steps : int, default=500
        Steps of Adam; all are taken.
    batch : int, default=64
        Rows of each task in a step.
    checks : int, default=25
        Checks on the validation rows. The weights of the best one are kept.
    validation_fraction : float, default=0.2
        Share of the rows of each task that is held out for the checks. With 0 the training rows are checked.
    standardize : bool, default=True
        Whether features are standardized by all training rows together.
    random_state : int, RandomState instance or None, default=0
        Seed of the starting weights, the batches, the validation rows and the draws of a rule. None stands
        for 0."""
ATTRIBUTES = """weights_ : ndarray of shape (number of weights,)
        All weights of the network.
    tasks_ : ndarray of shape (T,)
        Names of the tasks.
    n_features_in_ : int
        Number of features d.
    feature_names_in_ : ndarray of shape (d,)
        Names of the features, if they are texts.
    n_iter_ : int
        Number of steps taken.
    losses_ : ndarray of shape (checks, T)
        Mean training loss of each task before each check.
    task_weights_ : ndarray of shape (checks, T)
        Mean weight of each task's gradient before each check; NaN without a shared trunk.
    conflicts_ : ndarray of shape (checks,)
        Share of the pairs of tasks with conflicting gradients at each check; NaN without a shared trunk.
    best_check_ : int
        The check whose weights were kept, from 0.
    shared_ : bool
        Whether all tasks share their rows."""


class MultiTaskMLPRegressor(MultiOutputMixin, RegressorMixin, _MLP):
    """A small network for several regressions, with balanced gradients.

    Targets are standardized by task, so that all losses begin near one. The loss is the squared one. numpy
    alone trains the network, on one core.

    Parameters
    ----------
    {PARAMETERS}

    Attributes
    ----------
    {ATTRIBUTES}

    See Also
    --------
    MultiTaskMLPClassifier : The same for classes.

    References
    ----------
    The docstring of each module in ``amtl.networks.balancing`` has the source of its rule.

    Examples
    --------
    >>> import numpy as np
    >>> from amtl import MultiTaskMLPRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 3))
    >>> Y = np.column_stack([np.sin(X[:, 0]), np.sin(X[:, 0]) + X[:, 1]])
    >>> model = MultiTaskMLPRegressor(balancing="nash").fit(X, Y)
    >>> model.predict(X).shape, model.conflicts_.shape
    ((200, 2), (25,))
    """

    _numeric = True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _encode(self, rows):
        y = rows.y.astype(float)
        check_finite_sizes(y, "targets")
        n_tasks = len(rows.names)
        if self.shared_:
            columns = list(y.T)
        else:
            columns = [y[own] for own in rows_by_task(rows.codes, n_tasks)]
        self._center = np.array([each.mean() if len(each) else 0.0 for each in columns])
        self._spread = np.array([each.std() if len(each) else 1.0 for each in columns])
        constant = self._spread <= 1e-12 * np.maximum(np.abs(self._center), 1e-300)
        self._spread[constant] = 1.0
        of = slice(None) if self.shared_ else rows.codes
        return (y - self._center[of]) / self._spread[of], [REGRESSION] * n_tasks

    def predict(self, X: ByTask, task: ArrayLike | None = None) -> Scores:
        """Return the predictions.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, in any form that `fit` takes. A dict may have some of the tasks.
        task : array-like of shape (n,), optional
            The task of each row, if the estimator was fitted to several tasks and `X` is one table.

        Returns
        -------
        ndarray of shape (n,) or (n, T), or list of ndarrays of shape (n_t,)
            (n, T) on shared rows; a list for a list or dict, in its order.
        """
        outputs, codes, of_list = self._outputs(X, task)
        if self.shared_:
            return outputs[:, :, 0].T * self._spread + self._center
        return _split(outputs[:, 0] * self._spread[codes] + self._center[codes], of_list)

    def score(
        self,
        X: ByTask,
        y: ByTask,
        task: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return R^2 of the predictions on all rows together.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, as for `predict`.
        y : array-like of shape (n,) or (n, T), or list or dict of array-likes of shape (n_t,)
            The targets, in the same form.
        task : array-like of shape (n,), optional
            The task of each row.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
            R^2; its mean over tasks on shared rows.
        """
        return float(r2_score(*_stacked(y, self.predict(X, task)), sample_weight=sample_weight))


class MultiTaskMLPClassifier(ClassifierMixin, _MLP):
    """A small network for several classifications, with balanced gradients.

    All tasks have the same labels. The loss is the logistic one for two classes, and softmax for more. numpy
    alone trains the network, on one core.

    Parameters
    ----------
    {PARAMETERS}

    Attributes
    ----------
    classes_ : ndarray of shape (number of classes,)
        The labels of all tasks.
    {ATTRIBUTES}

    See Also
    --------
    MultiTaskMLPRegressor : The same for numbers.

    References
    ----------
    The docstring of each module in ``amtl.networks.balancing`` has the source of its rule.

    Examples
    --------
    >>> import numpy as np
    >>> from amtl import MultiTaskMLPClassifier
    >>> rng = np.random.default_rng(0)
    >>> X, task = rng.normal(size=(90, 4)), np.repeat(["a", "b", "c"], 30)
    >>> y = np.where(X @ [1.0, -1.0, 0.0, 2.0] > 0, "yes", "no")
    >>> model = MultiTaskMLPClassifier(balancing="pcgrad").fit(X, y, task)
    >>> model.predict(X[:5], task[:5]).shape, model.predict_proba(X[:5], task[:5]).shape
    ((5,), (5, 2))
    """

    _numeric = False

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags

    def _encode(self, rows):
        check_labels(rows.y.ravel(), "y", "drop the row, or give its label")
        check_classification_targets(rows.y.ravel())
        self.classes_, codes = np.unique(rows.y, return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"y has one class only, {self.classes_.tolist()}; a classifier needs two")
        count = len(self.classes_) if len(self.classes_) > BINARY else BINARY
        return codes.reshape(rows.y.shape).astype(float), [count] * len(rows.names)

    def _probabilities(self, outputs):
        """Return the probabilities (..., K) of outputs (..., width)."""
        if len(self.classes_) == 2:
            positive = 0.5 * (1.0 + np.tanh(0.5 * outputs[..., 0]))
            return np.stack([1.0 - positive, positive], axis=-1)
        powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

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
        ndarray of shape (n,) or (n, T), or list of ndarrays of shape (n_t,)
            (n, T) on shared rows; a list for a list or dict, in its order.
        """
        outputs, _, of_list = self._outputs(X, task)
        labels = self.classes_[self._probabilities(outputs).argmax(axis=-1)]
        return labels.T if self.shared_ else _split(labels, of_list)

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
        ndarray of shape (n, number of classes), or list of such arrays
            A list with an array for each task on shared rows, and in the order of a list or dict.
        """
        outputs, _, of_list = self._outputs(X, task)
        found = self._probabilities(outputs)
        return list(found) if self.shared_ else _split(found, of_list)

    def score(
        self,
        X: ByTask,
        y: ByTask,
        task: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the share of correct labels, of all rows and tasks together.

        Parameters
        ----------
        X : array-like of shape (n, d), or list or dict of array-likes of shape (n_t, d)
            The rows, as for `predict`.
        y : array-like of shape (n,) or (n, T), or list or dict of array-likes of shape (n_t,)
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
        y, predicted = _stacked(y, self.predict(X, task))
        columns = zip(np.asarray(y).T, predicted.T, strict=True) if self.shared_ else [(y, predicted)]
        shares = [accuracy_score(*pair, sample_weight=sample_weight) for pair in columns]
        return float(np.mean(shares))


for _class in (MultiTaskMLPRegressor, MultiTaskMLPClassifier):
    # Python removes docstrings with -OO.
    if _class.__doc__:
        _filled = _class.__doc__.replace("{PARAMETERS}", PARAMETERS)
        _class.__doc__ = _filled.replace("{ATTRIBUTES}", ATTRIBUTES)
