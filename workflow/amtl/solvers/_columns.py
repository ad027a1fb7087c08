"""The compiled loop of `graph_sparse`."""

import numpy as np

from amtl._compiled import compiled


@compiled
def solve_columns(W, norm, price, starts, sources, B, tolerance, ridge):
    """Solve the column of every task over its candidates: min_b b'Cb / 2 - q'b, b >= 0, by an active set.

    In units in which all tasks' weights have norm one, c_s = norm_s b_s / norm_t; C and q are those of
    `graph_b`. An edge enters where the ascent exceeds `tolerance`; `ridge` keeps the systems solvable.

    Parameters
    ----------
    W : (T, d), the penalized weights, a task in a row. norm : (T,), their norms.
    price : (T,), cost_s / (2 lam).
    starts : (T + 1,), the candidates of task t are sources[starts[t]:starts[t + 1]], in ascending order.
    B : (candidates,), a graph to start from; replaced by the best one.
    """
    n_tasks, d = W.shape
    most = 0
    for t in range(n_tasks):
        most = max(most, starts[t + 1] - starts[t])
    q, c, z = np.empty(most), np.empty(most), np.empty(most)
    state = np.empty(most, np.int8)  # 1: in use, 0: not, -1: banned
    known = np.empty(most, np.bool_)  # whether q has the entry
    # More than d weights are not independent; one more may have just entered.
    room = min(most, d + 1)
    passive, A, rest = np.empty(most, np.int64), np.empty((room, room)), np.empty((1, d))
    # The cosines of the candidates that are or were in use: of candidate k in row place[k], or nowhere (-1).
    cosines, place, held = np.empty((room, room)), np.empty(most, np.int64), np.empty(room, np.int64)
    for t in range(n_tasks):
        first, count = starts[t], starts[t + 1] - starts[t]
        if norm[t] == 0.0:
            B[first : first + count] = 0.0
            continue
        for k in range(count):
            s = sources[first + k]
            state[k], c[k], known[k], place[k] = 0, 0.0, False, -1
            if norm[s] == 0.0 or s == t:
                state[k] = -1
                continue
            if B[first + k] > 0.0:
                state[k], c[k] = 1, B[first + k] * norm[s] / norm[t]
        entering, n_held = -1, 0
        for _ in range(20 * count + 100):
            size = 0
            for k in range(count):
                if state[k] == 1:
                    # A start with too many edges loses the last ones.
                    if size == room:
                        state[k], c[k] = 0, 0.0
                        continue
                    passive[size] = k
                    size += 1
            for i in range(size):
                a = sources[first + passive[i]]
                if not known[passive[i]]:
                    known[passive[i]] = True
                    q[passive[i]] = (_dot(W, a, W, t) - price[a]) / (norm[a] * norm[t])
                if place[passive[i]] < 0:
                    row = n_held
                    if n_held < room:
                        n_held += 1
                    else:
                        row = 0
                        while state[held[row]] == 1:
                            row += 1
                        place[held[row]] = -1
                    place[passive[i]], held[row] = row, passive[i]
                    for j in range(n_held):
                        b = sources[first + held[j]]
                        cosines[row, j] = _dot(W, a, W, b) / (norm[a] * norm[b])
                        cosines[j, row] = cosines[row, j]
            for i in range(size):
                for j in range(i):
                    A[i, j] = cosines[place[passive[i]], place[passive[j]]]
                A[i, i] = 1.0 + ridge
                z[i] = q[passive[i]]
            _solve(A, z, size)
            step = 1.0
            blocked = False
            for i in range(size):
                k = passive[i]
                if z[i] <= 0.0:
                    blocked = True
                    if k == entering:
                        # It enters and leaves at once: rounding.
                        state[k] = -1
                    step = min(step, c[k] / (c[k] - z[i]) if c[k] > 0.0 else 0.0)
            for i in range(size):
                k = passive[i]
                if blocked:
                    reached = z[i] <= 0.0 and (c[k] <= 0.0 or c[k] / (c[k] - z[i]) <= step)
                    c[k] = max(c[k] + step * (z[i] - c[k]), 0.0)
                    if reached or c[k] == 0.0 and z[i] <= 0.0:
                        c[k] = 0.0
                        state[k] = min(state[k], 0)
                else:
                    c[k] = z[i]
            entering = -1
            if blocked:
                continue
            for i in range(d):
                rest[0, i] = W[t, i]
            for i in range(size):
                s = sources[first + passive[i]]
                factor = c[passive[i]] * norm[t] / norm[s]
                for j in range(d):
                    rest[0, j] -= factor * W[s, j]
            steepest = tolerance
            for k in range(count):
                if state[k] == 0:
                    s = sources[first + k]
                    ascent = (_dot(W, s, rest, 0) - price[s]) / (norm[s] * norm[t])
                    if ascent > steepest:
                        steepest, entering = ascent, k
            if entering < 0 or size == room:
                break
            state[entering] = 1
        for k in range(count):
            s = sources[first + k]
            B[first + k] = c[k] * norm[t] / norm[s] if state[k] == 1 else 0.0


@compiled
def _dot(A, a, B, b):
    """Return the product of row a of A and row b of B."""
    # Four sums at a time: an order of its own, but one that a processor adds in parallel.
    n = A.shape[1]
    whole = n - n % 4
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for i in range(0, whole, 4):
        s0 += A[a, i] * B[b, i]
        s1 += A[a, i + 1] * B[b, i + 1]
        s2 += A[a, i + 2] * B[b, i + 2]
        s3 += A[a, i + 3] * B[b, i + 3]
    for i in range(whole, n):
        s0 += A[a, i] * B[b, i]
    return (s0 + s1) + (s2 + s3)


@compiled
def _solve(A, z, size):
    """Solve A x = z for the first `size` rows, with the lower triangle of A; x replaces z."""
    for i in range(size):
        for j in range(i + 1):
            total = A[i, j]
            for k in range(j):
                total -= A[i, k] * A[j, k]
            if i == j:
                A[i, i] = np.sqrt(max(total, 1e-300))
            else:
                A[i, j] = total / A[j, j]
    for i in range(size):
        total = z[i]
        for k in range(i):
            total -= A[i, k] * z[k]
        z[i] = total / A[i, i]
    for i in range(size - 1, -1, -1):
        total = z[i]
        for k in range(i + 1, size):
            total -= A[k, i] * z[k]
        z[i] = total / A[i, i]
