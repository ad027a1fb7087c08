"""What the estimators of 2MTL share: their parameters, their checks, and the call of a solver."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from amtl.estimators._base import seed_of
from amtl.methods._check import check_option
from amtl.two_mtl import similarity as similarities
from amtl.two_mtl.solvers import fit_alternating, fit_batch, fit_online
from amtl.two_mtl.steps import RULES

SOLVERS = ("accelerated", "2mtl", "first-order", "batch")
# Parameters as JSON-schema properties.
POSITIVE = {"type": "number", "exclusiveMinimum": 0}
COUNT = {"type": "integer", "minimum": 1}
SCHEMAS = {
    "C": POSITIVE,
    "sigma": POSITIVE,
    "similarity_width": {**POSITIVE, "type": ["number", "null"]},
    "degree": COUNT,
    "n_neighbors": {**COUNT, "type": ["integer", "null"]},
    "solver": {"enum": SOLVERS},
    "passes": COUNT,
    "update_every": COUNT,
    "step_rule": {"enum": RULES},
    "first_step": {**POSITIVE, "type": ["number", "null"]},
    "tol": POSITIVE,
    "evaluate": {"enum": (True, False)},
    "verbose": {"enum": (True, False)},
}


class SolverMixin:
    """Fits an `Objective` by the solver that the parameters name."""

    def _check_parameters(self, **more):
        for key, schema in {**SCHEMAS, **more}.items():
            check_option(type(self).__name__, key, getattr(self, key), schema)
        if isinstance(self.similarity, str):
            names = {"enum": similarities.SIMILARITIES}
            check_option(type(self).__name__, "similarity", self.similarity, names)

    def _is_learned(self):
        return isinstance(self.similarity, str) and self.similarity not in ("identity", "ones")

    def _similarity_of(self, kept):
        """Return the function from W to its similarities; kept : (p,), which weights count."""

        def of(W):
            given = self.C, self.similarity_width, self.degree, self.n_neighbors
            return similarities.similarity(W[:, kept], self.similarity, *given)

        return of

    def _solve(self, objective, kept):
        """Fit all passes, and set what was learned."""
        of, seed = self._similarity_of(kept), seed_of(self.random_state)
        online = {"rule": self.step_rule, "first_step": self.first_step, "evaluate": self.evaluate}
        online["tolerance"] = self.tol
        if self.solver == "batch":
            fit = fit_batch(objective, of, seed, alternate=self._is_learned(), callback=self._tell)
        elif self.solver == "2mtl" and self._is_learned():
            fit = fit_alternating(objective, of, self.passes, seed, callback=self._tell, **online)
        else:
            every = self.update_every if self._is_learned() else None
            if self.solver == "first-order":
                online["rule"] = "first-order"
            fit = fit_online(
                objective, of, self.passes, seed, update_every=every, callback=self._tell, **online
            )
        self.trace_ = fit.trace
        self.calls_ = 1
        self._learn(fit)

    def _solve_part(self, objective, kept):
        """Make one pass over new rows, from the weights of the passes before."""
        first = not hasattr(self, "weights_")
        self.calls_ = 1 if first else self.calls_ + 1
        of = self._similarity_of(kept)
        given = {"rule": "first-order" if self.solver == "first-order" else self.step_rule}
        if first:
            self.trace_ = []
            A = np.eye(objective.n_tasks) if self._is_learned() else None
            given |= {"A": A, "first_step": self.first_step}
        else:
            # Later rows count as much as the first ones: the steps fall as 1 / sqrt(number of the call).
            given |= {"W": self.weights_, "A": self.similarity_}
            given |= {"first_step": self.first_step_ / np.sqrt(self.calls_)}
        seed = seed_of(self.random_state), self.calls_
        fit = fit_online(objective, of, 1, seed, tolerance=self.tol, **given)
        if self._is_learned() and self.calls_ % self.update_every == 0 and fit.diverged is None:
            new = of(fit.W)
            fit.trace[-1]["similarity_change"] = float(np.abs(new - fit.A).max())
            fit.A = new
        fit.first_step *= np.sqrt(self.calls_)
        fit.trace[-1]["pass"] = self.calls_
        self._tell(fit.trace[-1])
        self.trace_ = self.trace_ + fit.trace
        self._learn(fit)

    def _learn(self, fit):
        name = type(self).__name__
        if fit.diverged is not None:
            warnings.warn(
                f"{name}: the steps diverged in {fit.diverged}; {self._remedy()}",
                ConvergenceWarning,
                stacklevel=4,
            )
            fit.W = np.where(np.isfinite(fit.W).all(axis=1, keepdims=True), fit.W, 0.0)
        elif not fit.converged:
            warnings.warn(
                f"{name} did not converge: the last pass changed the objective by more than tol, or the "
                "gradient is still large; raise passes, or standardize the features",
                ConvergenceWarning,
                stacklevel=4,
            )
        self.weights_, self.similarity_, self.first_step_ = fit.W, fit.A, fit.first_step
        self.converged_, self.n_iter_ = fit.converged, len(self.trace_)
        self.objective_ = float(fit.objective)

    def _remedy(self):
        rule = "" if self.step_rule == "bounded" else "use step_rule='bounded', or "
        return f"{rule}give a smaller first_step, or standardize the features"

    def _tell(self, entry):
        if self.verbose:
            shown = [f"{key} {value:.4g}" for key, value in entry.items() if key not in ("pass", "seconds")]
            where = f"{type(self).__name__}: pass {entry['pass']}, {entry['seconds']:.1f} s"
            print(", ".join([where, *shown]), flush=True)
