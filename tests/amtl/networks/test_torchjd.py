"""The directions of torchjd, an independent implementation, where both have a rule."""

import numpy as np
import pytest

from amtl.networks.balancing import direction, load_rule
from amtl.networks.balancing._rule import Given

torch = pytest.importorskip("torch", reason="make .venv/torch installs torch and torchjd")
aggregation = pytest.importorskip("torchjd.aggregation", reason="make .venv/torch installs torchjd")


def gradients(n_tasks, seed):
    random = np.random.default_rng(seed)
    J = random.normal(size=(n_tasks, 30)) + 0.3 * random.normal(size=30)
    return J * random.uniform(0.2, 5.0, size=(n_tasks, 1))


def theirs(name, J):
    """Return the direction of torchjd, with the factor by which ours differs."""
    n_tasks = len(J)
    made = {
        "equal": lambda: aggregation.Sum(),
        "mgda": lambda: aggregation.MGDA(epsilon=1e-15, max_iters=20_000),
        "pcgrad": lambda: aggregation.PCGrad(),
        "cagrad": lambda: aggregation.CAGrad(c=0.4, norm_eps=1e-12),
        "imtl-g": lambda: aggregation.IMTLG(),
        "nash": lambda: aggregation.NashMTL(n_tasks=n_tasks, max_norm=1.0, optim_niter=500),
        "aligned": lambda: aggregation.AlignedMTL(),
    }
    # The mean of the aligned gradients, not their sum.
    factor = n_tasks if name == "aligned" else 1
    try:
        return factor * made[name]()(torch.tensor(J)).numpy()
    except ImportError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", ["equal", "mgda", "cagrad", "imtl-g", "nash", "aligned"])
@pytest.mark.parametrize("n_tasks", [2, 3, 6])
@pytest.mark.filterwarnings("ignore")
def test_directions_agree(name, n_tasks):
    for seed in range(3):
        J = gradients(n_tasks, seed)
        ours, other = direction(name, J), theirs(name, J)
        cosine = ours @ other / np.linalg.norm(ours) / np.linalg.norm(other)
        assert 1.0 - cosine <= 1e-6
        # Theirs are iterative here, so that lengths agree less well.
        iterative = name in ("mgda", "cagrad", "nash")
        assert ours == pytest.approx(other, abs=(1e-3 if iterative else 1e-9) * np.linalg.norm(other))


def test_pcgrad_of_two_tasks_agrees():
    # The order of the others, which is drawn, does not matter.
    for seed in range(5):
        J = gradients(2, seed) * np.array([[1.0], [-1.0]])
        assert direction("pcgrad", J) == pytest.approx(theirs("pcgrad", J), abs=1e-12)


class Drawn:
    """The draws of torch, in place of those of numpy."""

    def __init__(self, values):
        self.values = values

    def random(self, size):
        return self.values

    def normal(self, size):
        return self.values


def test_graddrop_agrees_on_the_same_draws():
    J = gradients(4, 0)
    torch.manual_seed(3)
    expected = aggregation.GradDrop()(torch.tensor(J)).numpy()
    torch.manual_seed(3)
    drawn = torch.rand(J.shape[1], dtype=torch.float64).numpy()
    rule = load_rule("graddrop")
    given = Given(np.ones(4), gram=J @ J.T, gradients=J, random=Drawn(drawn))
    weights, _ = rule.weigh(given, None, rule.defaults)
    assert (weights * J).sum(axis=0) == pytest.approx(expected)


def test_random_weights_agree_on_the_same_draws():
    J = gradients(4, 0)
    torch.manual_seed(3)
    expected = aggregation.Random()(torch.tensor(J)).numpy()
    torch.manual_seed(3)
    drawn = torch.randn(4, dtype=torch.float64).numpy()
    rule = load_rule("rlw")
    weights, _ = rule.weigh(Given(np.ones(4), random=Drawn(drawn)), None, {})
    assert weights @ J / 4 == pytest.approx(expected)
