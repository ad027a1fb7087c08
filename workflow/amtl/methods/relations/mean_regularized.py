"""Mean-regularized learning: the weights of every task are pulled towards their mean over the tasks.

With w_t = w_0 + v_t it is the model of Evgeniou and Pontil: their two ridges lam1/T ||v_t||^2 and lam2
||w_0||^2 give rho1 = lam1^2 / (T (lam1 + lam2)) and rho2 = lam1 lam2 / (T (lam1 + lam2)).

A task without rows has the mean of the others' weights, shrunk by rho2.
"""

from amtl.methods._spec import MethodSpec, borrows
from amtl.methods.relations._coupling import AXES, HYPERPARAMETERS, coupling_grid, fit_coupled
from amtl.solvers.couplings import MeanCoupling


def grid(problem, context, options, n_points):
    """Return paths of rho2 at several rho1 / rho2, from one weight vector for all tasks to separate ones."""
    return coupling_grid(problem, n_points, 1.0)


def fit(problem, params, context, options):
    """Minimize the objective: in closed form (squared loss) or by Newton's method (logistic loss)."""
    return fit_coupled(problem, MeanCoupling(problem.n_tasks, params["rho1"], params["rho2"]), context)


SPEC = MethodSpec(
    name="mean-regularized",
    title="Mean-regularized",
    order=450,
    citation="Evgeniou, Pontil. Regularized multi-task learning. KDD 2004.",
    objective="sum_t F_t(w_t) + rho1 sum_t ||w_t - mean_s w_s||^2 + rho2 ||W||_F^2",
    grid=grid,
    fit=fit,
    hyperparameters=HYPERPARAMETERS,
    axes=AXES,
    needs_rows=borrows,
)
