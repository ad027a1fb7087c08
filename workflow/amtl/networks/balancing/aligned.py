"""Aligned-MTL (Senushkin et al., eq. 12): gradients replaced by the nearest orthogonal ones of equal length.

The length is the smallest singular value of the gradients that is not zero. The survey's text lacks it.

Oracle: the Gram matrix of the aligned gradients is the smallest eigenvalue times the identity.
"""

import numpy as np

from amtl.networks.balancing._rule import Rule, among_nonzero
from amtl.networks.balancing._spectrum import spectrum


def alignment(G):
    """Return B (T, T), symmetric: row t of B holds the aligned gradient t as a combination of gradients."""
    values, vectors = spectrum(G)
    return np.sqrt(values[0]) * (vectors / np.sqrt(values)) @ vectors.T


def weigh(given, state, options):
    """Return the weights of the sum of the aligned gradients."""
    return among_nonzero(given.gram, lambda G: alignment(G).sum(axis=0)), state


RULE = Rule(
    name="aligned",
    title="Aligned-MTL",
    citation="D. Senushkin et al. Independent component alignment for multi-task learning. CVPR, 2023.",
    objective="alpha = sqrt(l_min) V L^(-1/2) V' 1, G = V L V'",
    weigh=weigh,
)
