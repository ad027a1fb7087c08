"""A sum of norms of the same weights."""


class Summed:
    """sum_k norm_k(W), with multipliers (K, p, T) that divide a gradient among the norms."""

    by_rows, has_gap = False, True
    steps = "scalar"

    def __init__(self, norms, multipliers):
        self.norms, self.multipliers = norms, multipliers

    def value(self, W):
        """Return the sum of the norms."""
        return sum(norm.value(W) for norm in self.norms)

    def conjugate(self, G):
        """Return (s, 0), so that s times the parts of -G are in the balls of the dual norms.

        The parts are the multipliers, each with its share of what they lack in their sum.
        """
        rest = (G + self.multipliers.sum(axis=0)) / len(self.norms)
        parts = zip(self.norms, self.multipliers - rest, strict=True)
        return min(norm.conjugate(part)[0] for norm, part in parts), 0.0
