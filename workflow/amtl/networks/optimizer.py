"""Adam (Kingma and Ba, 2015) on one vector of weights, in place."""

import numpy as np

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """Adam with its usual constants.

    Parameters
    ----------
    size : int
        Number of weights.
    learning_rate : float
        Step size.
    moments : tuple or None
        State to continue from: (number of steps, first moments, second moments).
    """

    def __init__(self, size, learning_rate, moments=None):
        self.learning_rate = learning_rate
        self._steps, first, second = moments or (0, np.zeros(size), np.zeros(size))
        self._first, self._second = first.copy(), second.copy()
        self._work = np.empty(size)

    @property
    def moments(self):
        """(number of steps, first moments, second moments)."""
        return self._steps, self._first, self._second

    def step(self, weights, gradient):
        """Change `weights` (n,) by one step against `gradient` (n,)."""
        self._steps += 1
        first, second, work = self._first, self._second, self._work
        np.subtract(gradient, first, out=work)
        work *= 1.0 - BETA1
        first += work
        np.multiply(gradient, gradient, out=work)
        work -= second
        work *= 1.0 - BETA2
        second += work
        correction = np.sqrt(1.0 - BETA2**self._steps)
        np.sqrt(second, out=work)
        work += EPSILON * correction
        np.divide(first, work, out=work)
        work *= self.learning_rate * correction / (1.0 - BETA1**self._steps)
        weights -= work
