"""Weights that are a sum of parts, W = P + Q, each with a norm of its own."""

import numpy as np


class Parts:
    """The smallest sum_i norm_i(P_i) over the parts with sum_i P_i = W.

    The solver has the parts as a stack (m, p, T); ``value``, ``prox``, ``conjugate`` take or return such
    stacks or, for the conjugate, the gradient G (p, T), which is that of every part.
    """

    has_gap = True

    def __init__(self, *norms):
        self.norms = norms
        self.by_rows = all(norm.by_rows for norm in norms)

    def value(self, stack):
        """Return the sum of the norms of the parts."""
        return sum(norm.value(part) for norm, part in zip(self.norms, stack, strict=True))

    def conjugate(self, G):
        """Return (s, 0): the dual norm of every part has to be at most its strength."""
        return min(norm.conjugate(G)[0] for norm in self.norms), 0.0

    def row_levels(self, stack, G):
        """Return the largest level of each row over the parts."""
        return np.max([norm.row_levels(None, G) for norm in self.norms], axis=0)

    def on_rows(self, rows):
        """Return the penalty of some of the rows."""
        return Parts(*(norm.on_rows(rows) for norm in self.norms))
