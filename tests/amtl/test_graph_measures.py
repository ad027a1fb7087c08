"""Measures of a graph, against values worked out by hand and against a plain computation."""

import numpy as np
import pytest

from amtl import graph_measures as graphs


def test_direction_and_share_count_weights():
    graph = np.array([[0.0, 3.0, 1.0], [1.0, 0.0, 0.0], [0.0, 5.0, 0.0]])
    forward = np.zeros((3, 3), dtype=bool)
    forward[0, 1] = forward[0, 2] = True
    assert graphs.direction(graph, forward) == pytest.approx((4 - 1) / 5)
    assert graphs.direction(graph, forward.T) == pytest.approx(-(4 - 1) / 5)
    assert graphs.direction(0 * graph, forward) == 0.0
    assert graphs.share(graph, forward) == pytest.approx(4 / 10)
    assert graphs.share(0 * graph, forward) is None
