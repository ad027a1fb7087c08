"""Networks for several tasks: weights in one vector, outputs and gradients by hand.

Rows are X (1, n, d) if the tasks share them and (T, n, d) otherwise; outputs are (T, n, width). Every network
has ``n_weights``, ``n_trunk`` (its first weights, which rules balance; 0 without a trunk),
``initial(random)``, ``forward(weights, X)``, which returns the outputs and what the gradients need,
``gradient(weights, cache, slopes)`` of the sum of all losses, and, with a trunk,
``task_gradients(weights, cache, slopes)``.
"""
