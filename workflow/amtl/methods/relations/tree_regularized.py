"""Tree-regularized learning: a task's weights are the sum of its own part and of those of its ancestors.

A task without rows has no part of its own where the tree is given.
"""

import numpy as np
from scipy.cluster.hierarchy import linkage

from amtl.errors import InputError
from amtl.methods._spec import MethodSpec
from amtl.methods.relations._coupling import AXES, coupling_grid, fit_coupled
from amtl.methods.single import stl

# The largest rho1 / rho2: tasks below one node are then nearly one.
LARGEST_RATIO = 1e2


def ancestors(n_tasks, parents):
    """Return Lambda (T, inner nodes): 1 where the node is an ancestor of the task.

    parents : the parent of every node, tasks first; -1 for a root.
    """
    parents, n_nodes = list(parents), len(parents)
    if n_nodes < n_tasks or any(not -1 <= p < n_nodes or 0 <= p < n_tasks for p in parents):
        raise InputError(
            f"tree-regularized: parents: give the parent of each of the {n_tasks} tasks and of every inner "
            f"node: an inner node, numbered from {n_tasks}, or -1 for none"
        )
    found = np.zeros((n_tasks, n_nodes - n_tasks))
    for t in range(n_tasks):
        node = parents[t]
        while node >= 0:
            if found[t, node - n_tasks]:
                raise InputError(f"tree-regularized: parents: node {node} is its own ancestor")
            found[t, node - n_tasks] = 1.0
            node = parents[node]
    return found


def clustered_tree(V):
    """Return the parents of the tree that average linkage of the directions of the columns of V gives."""
    T = V.shape[1]
    if T == 1:
        return [-1]
    sizes = np.linalg.norm(V, axis=0)
    joined = linkage((V / np.where(sizes > 0.0, sizes, 1.0)).T, method="average")
    parents = [-1] * (2 * T - 1)
    for k, (left, right) in enumerate(joined[:, :2].astype(int)):
        parents[left] = parents[right] = T + k
    return parents


def tree_coupling(shared, rho1, rho2):
    """Return Q = (I / rho1 + Lambda Lambda' / rho2)^-1 (T, T): the parts of the nodes are eliminated.

    shared : Lambda (T, inner nodes).
    """
    Q = np.linalg.inv(np.eye(len(shared)) / rho1 + shared @ shared.T / rho2)
    return 0.5 * (Q + Q.T)


def needs_rows(options):
    """Return why every task needs training rows, or None where the tree is given."""
    return "the rows of every task make the tree; give parents" if options["parents"] is None else None


def grid(problem, context, options, n_points):
    """Return paths of rho2 at several rho1 / rho2, from one weight vector for all tasks to separate ones."""
    return coupling_grid(problem, n_points, 1.0, LARGEST_RATIO)


def fit(problem, params, context, options):
    """Minimize the objective: in closed form (squared loss) or by Newton's method (logistic loss)."""
    parents = options["parents"]
    if parents is None:
        parents = clustered_tree(context.init * problem.penalized[:, None])
    return fit_coupled(problem, tree_coupling(ancestors(problem.n_tasks, parents), **params), context)


SPEC = MethodSpec(
    name="tree-regularized",
    title="Tree-regularized",
    order=450,
    citation="Widmer, Leiva, Altun, Raetsch. Leveraging sequence classification by taxonomy-based multitask "
    "learning. RECOMB 2010.",
    objective="sum_t F_t(w_t) + rho1 sum_t ||v_t||^2 + rho2 sum_r ||u_r||^2, w_t = v_t + sum of u_r over the "
    "ancestors r of t",
    grid=grid,
    fit=fit,
    hyperparameters={
        "rho1": "Ridge weight of the tasks' own parts.",
        "rho2": "Ridge weight of the parts of the inner nodes.",
    },
    axes=AXES,
    options={
        "parents": {
            "type": ["array", "null"],
            "items": {"type": "integer", "minimum": -1},
            "default": None,
            "examples": [[4, 4, 5, 5, 6, 6, -1]],
            "description": "The tree: the parent of every node, tasks first (from 0), then inner nodes; -1 "
            "for a root. null clusters the tuned single-task weights (average linkage of their directions).",
        },
    },
    init=stl.SPEC,
    needs_rows=needs_rows,
)
