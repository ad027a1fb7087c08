"""Neighbouring entries of a row, drawn together.

Johnson's dynamic program (2013). For task t let f_t(b) be the derivative, at b, of the best cost of the tasks
up to t with v_t = b. It is piecewise linear and increases; between the points low_t and high_t, where it is
-level and level, v_t follows v_t+1, and beyond them it stays there. f_t is kept by how its slope and offset
change at its bends, because adding one line to it leaves these changes as they are.
"""

import numpy as np

from amtl._compiled import compiled


@compiled
def smooth_rows(W, level, V):
    """Set V[j] = argmin_v ||v - W[j]||^2 / 2 + level[j] sum_t |v_t+1 - v_t| in V (p, T)."""
    p, n_tasks = W.shape
    bends, slopes, offsets = np.empty((3, 2 * n_tasks + 2))
    lows, highs = np.empty(n_tasks), np.empty(n_tasks)
    for j in range(p):
        # The bends of the row are those from first to last, in ascending order.
        first, last = n_tasks, n_tasks - 1
        for t in range(n_tasks):
            # A line b + offset is the leftmost piece of f_t, and another one the rightmost.
            end = level[j] if t > 0 else 0.0
            target = -level[j] if t < n_tasks - 1 else 0.0
            first, slope, offset = _walk(
                bends, slopes, offsets, first, last, first, 1, -end - W[j, t], target
            )
            lows[t] = (target - offset) / slope
            if t == n_tasks - 1:
                break
            # Left of there f_t becomes constant.
            first -= 1
            bends[first], slopes[first], offsets[first] = lows[t], slope, offset - target
            target = level[j]
            last, slope, offset = _walk(bends, slopes, offsets, first, last, last, -1, end - W[j, t], target)
            highs[t] = (target - offset) / slope
            last += 1
            bends[last], slopes[last], offsets[last] = highs[t], -slope, target - offset
        V[j, n_tasks - 1] = lows[n_tasks - 1]
        for t in range(n_tasks - 2, -1, -1):
            V[j, t] = min(max(V[j, t + 1], lows[t]), highs[t])


@compiled
def _walk(bends, slopes, offsets, first, last, place, direction, offset, target):
    """Move `place` past the bends before the one where the function reaches the target.

    Returns the place and the line there: its slope and offset.
    """
    slope = 1.0
    while first <= place <= last:
        following = slope + direction * slopes[place]
        # Slopes are whole numbers. By rounding alone a constant end could be reached.
        if following < 0.5 or direction * (target - (slope * bends[place] + offset)) <= 0.0:
            break
        slope = following
        offset += direction * offsets[place]
        place += direction
    return place, slope, offset
