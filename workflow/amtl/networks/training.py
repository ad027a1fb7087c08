"""Train a network on several tasks by Adam: a fixed number of steps, the best weights on validation rows."""

from dataclasses import dataclass

import numpy as np

from amtl.networks.balancing import combine
from amtl.networks.balancing._rule import GRADIENTS, LOSSES, Given
from amtl.networks.optimizer import Adam
from amtl.random import generator

# Batches on which the share of conflicting gradients is measured at each check.
PROBE_BATCHES = 4


@dataclass
class Trained:
    """A trained network.

    Parameters
    ----------
    weights : ndarray of shape (n_weights,)
        Those of the best check.
    losses : ndarray of shape (checks, T)
        Mean loss of each task over the steps of each period, times its scale.
    task_weights : ndarray of shape (checks, T)
        Mean weight of each task over the same steps; NaN where a network has no trunk to balance.
    conflicts : ndarray of shape (checks,)
        Share of the pairs of tasks whose gradients in the trunk have a negative product, measured on the same
        batches for every method; NaN without a trunk, or with one task.
    best : int
        The check with the best judgement, from 0.
    steps : int
        Steps taken.
    diverged : bool
        Whether a loss or a weight overflowed. Training then stopped.
    """

    weights: np.ndarray
    losses: np.ndarray
    task_weights: np.ndarray
    conflicts: np.ndarray
    best: int
    steps: int
    diverged: bool


def train(network, losses, rows, judge, rule, options, learning_rate, **settings):
    """Train a network and return the `Trained` weights.

    Parameters
    ----------
    network : SharedTrunk, SingleNetworks, CrossStitch or MMoE
        The network.
    losses : TaskLosses
        The tasks' losses.
    rows : TaskRows
        The training rows.
    judge : callable
        ``judge(weights)`` returns a tuple; the check with the lowest one is kept, the first of equal ones.
    rule : Rule
        How the gradients of the trunk are balanced. Networks without a trunk follow the sum of the losses.
    options : dict
        Options of the rule.
    learning_rate : float
        Of Adam.
    steps, batch, checks : int
        Steps, rows of each task in a step, and checks on the validation rows, evenly spaced.
    scales : ndarray of shape (T,)
        Factors on the losses.
    seed : tuple
        Names that seed starting weights and batches, the same for all methods that are compared.
    rule_seed : tuple
        Names that seed the draws of the rule.
    """
    return _Run(network, losses, rows, rule, options, learning_rate, **settings).train(judge)


class _Run:
    def __init__(
        self,
        network,
        losses,
        rows,
        rule,
        options,
        learning_rate,
        *,
        steps,
        batch,
        checks,
        scales,
        seed,
        rule_seed,
    ):
        self.network, self.losses, self.rows, self.rule = network, losses, rows, rule
        self.options, self.learning_rate, self.scales = options, learning_rate, scales
        self.steps, self.batch, self.checks = steps, batch, min(checks, steps)
        self.seed = seed
        self.random = generator(*rule_seed, "rule")
        self.state = rule.start(rows.n_tasks, options)
        self.history, self.first_losses = [], None
        self.balanced = network.n_trunk > 0

    def train(self, judge):
        weights = self.network.initial(generator(*self.seed, "weights"))
        adam = Adam(len(weights), self.learning_rate)
        batches = self.rows.batches(generator(*self.seed, "batches"), self.steps, self.batch)
        ends = np.linspace(0, self.steps, self.checks + 1).round().astype(int)[1:]
        best, kept, at = None, weights.copy(), 0
        trace, task_weights, conflicts = [], [], []
        done, diverged = 0, False
        with np.errstate(over="ignore", invalid="ignore"):
            for check, end in enumerate(ends):
                found, used = [], []
                for X, targets in (next(batches) for _ in range(end - done)):
                    values, alpha, gradient = self._step(weights, X, targets)
                    # One number tells whether any loss or derivative is not finite.
                    diverged = not np.isfinite(values.sum() + gradient @ gradient)
                    if diverged:
                        break
                    adam.step(weights, gradient)
                    found.append(values)
                    used.append(alpha)
                done += len(found)
                if diverged:
                    break
                self.history.append(np.mean(found, axis=0))
                trace.append(self.history[-1])
                task_weights.append(np.mean(used, axis=0))
                conflicts.append(self._conflicts(weights))
                judged = judge(weights)
                if best is None or judged < best:
                    best, kept, at = judged, weights.copy(), check
        shape = (-1, self.rows.n_tasks)
        arrays = np.reshape(trace, shape), np.reshape(task_weights, shape), np.array(conflicts)
        return Trained(kept, *arrays, at, done, diverged)

    def _step(self, weights, X, targets):
        """Return (losses (T,), weights of the tasks (T,), gradient (n_weights,)) of one step."""
        network, rule = self.network, self.rule
        outputs, cache = network.forward(weights, X)
        values, slopes = self.losses.values_and_slopes(outputs, targets)
        values *= self.scales
        slopes *= self.scales[:, None, None]
        if not self.balanced:
            return values, np.full(len(values), np.nan), network.gradient(weights, cache, slopes)
        if self.first_losses is None:
            self.first_losses = values
        given = Given(
            values,
            random=self.random,
            regression=self.losses.regression,
            history=self.history,
            first_losses=self.first_losses,
            learning_rate=self.learning_rate,
        )
        if rule.needs == LOSSES:
            alpha, self.state = rule.weigh(given, self.state, self.options)
            slopes *= alpha[:, None, None]
            return values, alpha, network.gradient(weights, cache, slopes)
        J, gradient = network.task_gradients(weights, cache, slopes)
        given.gram = J @ J.T
        if not np.isfinite(given.gram).all():
            return values, np.full(len(values), np.nan), np.full(network.n_weights, np.nan)
        given.gradients = J if rule.needs == GRADIENTS else None
        alpha, self.state = rule.weigh(given, self.state, self.options)
        np.copyto(gradient[: network.n_trunk], combine(alpha, J))
        mean = alpha if alpha.ndim == 1 else alpha.mean(axis=1)
        if rule.weighs_heads:
            network.weigh_heads(gradient, mean)
        return values, mean, gradient

    def _conflicts(self, weights):
        """Return the share of conflicting pairs on the probe batches, or NaN."""
        if not self.balanced or self.rows.n_tasks == 1:
            return np.nan
        shares = []
        batches = self.rows.batches(generator(*self.seed, "probe"), PROBE_BATCHES, self.batch)
        for X, targets in batches:
            outputs, cache = self.network.forward(weights, X)
            _, slopes = self.losses.values_and_slopes(outputs, targets)
            J, _ = self.network.task_gradients(weights, cache, slopes)
            shares.append(conflict_share(J @ J.T))
        return float(np.mean(shares))


def conflict_share(gram):
    """Return the share of the pairs of tasks whose inner product is negative."""
    pairs = gram[np.triu_indices(len(gram), 1)]
    return float(np.mean(pairs < 0.0))
