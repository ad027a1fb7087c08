"""Measures of a learned graph B (T, T); entry (s, t) is the weight of the edge from task s to task t."""


def direction(graph, forward):
    """Return the share of edge weight that goes forward minus the share that goes back, in [-1, 1].

    Parameters
    ----------
    graph : ndarray of shape (T, T)
        The graph.
    forward : ndarray of shape (T, T), bool
        True where an edge from s to t goes forward. The edges of its transpose go back; no other edges count.

    Returns
    -------
    float
        0 if no edge counts.
    """
    there, back = graph[forward].sum(), graph[forward.T].sum()
    return float((there - back) / (there + back)) if there + back > 0.0 else 0.0


def share(graph, counted):
    """Return the share of edge weight on the edges `counted` (T, T, bool), or None without edges."""
    total = graph.sum()
    return float(graph[counted].sum() / total) if total > 0.0 else None
