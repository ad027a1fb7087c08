"""Conditional models log P(y | x, w). All have the same methods.

n_weights : int
    Number of weights p of a task.
offsets : ndarray of shape (T + 1,)
    Task t has the rows offsets[t] to offsets[t + 1] - 1. A row of the CRF is a sentence.
gradient(w, weights)
    The log-likelihood of all rows with `weights` (n,), and its gradient (p,).
row_gradient(w, row)
    Gradient (p,) of the log-likelihood of one row.
run_pass(w, eta, a, rows, decay, rule, start)
    Stochastic updates of the weights of one task, in place; `amtl.two_mtl.steps` has the formula.
scale
    The mean squared size of a row's features, to which the first step is relative.

A model is bound to its training rows. `predict` and its like take other rows.
"""
