"""Chrono initialisation: how long units remember before they have learned anything."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Sums  # noqa: E402

from thresh.training.trainer.chrono import remember  # noqa: E402
from thresh.training.trainer.loop import train  # noqa: E402
from thresh.training.trainer.net import Net  # noqa: E402
from thresh.training.trainer.stage import Stage  # noqa: E402


def made(longest: float, seed: int = 1) -> Net:
    torch.manual_seed(3)
    net = Net(2, 400, 1, layers=2)
    if longest:
        remember(net, longest, seed)
    return net


def test_units_remember_for_as_many_steps_as_asked_evenly():
    for number in range(2):
        bias = getattr(made(30).gru, f"bias_ih_l{number}")[400:800]
        steps = 1 + bias.exp()
        assert 2 <= steps.min() < 3
        assert 29 < steps.max() <= 30
        assert steps.mean().item() == pytest.approx(16, abs=1)
        assert (getattr(made(30).gru, f"bias_hh_l{number}")[400:800] == 0).all()


def test_nothing_but_the_update_gates_bias_changes():
    before, after = made(0).state_dict(), made(30).state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {f"gru.bias_{side}_l{number}" for side in ("ih", "hh") for number in (0, 1)}
    for name in changed:
        for rows in (slice(0, 400), slice(800, 1200)):
            assert torch.equal(before[name][rows], after[name][rows])


def test_a_unit_forgets_in_the_steps_of_its_bias():
    """Without inputs and weights the state shrinks by u in a step, and 1 / (1 - u) is the time."""
    net = made(30)
    with torch.no_grad():
        for name, value in net.gru.named_parameters():
            if name.startswith("weight"):
                value.zero_()
            elif name.startswith("bias"):
                value[800:] = 0
        steps = 1 + net.gru.bias_ih_l0[400:800].exp()
        outputs, _ = net.gru(torch.zeros(1, 2, 2), torch.ones(2, 1, 400))
        kept = net.gru.run(torch.zeros(1, 2, 2), (torch.ones(2, 1, 400),)).layers[0].h[0]
    assert outputs.shape == (1, 2, 400)
    assert torch.allclose(kept[1], (1 - 1 / steps) ** 2, atol=1e-5)


def test_a_stage_starts_so_and_the_seed_decides():
    stage = Stage(name="one", epochs=0, chrono=12.0)
    nets = [made(0) for _ in range(4)]
    for net, one, seed in zip(
        nets, (stage, stage, stage, replace(stage, chrono=0.0)), (1, 1, 2, 1), strict=True
    ):
        train(net, Sums(), one, seed=seed)
    biases = [net.gru.bias_ih_l1 for net in nets]
    assert torch.equal(biases[0], biases[1])
    assert not torch.equal(biases[0], biases[2])
    assert torch.equal(biases[3], made(0).gru.bias_ih_l1)


@pytest.mark.parametrize("steps", [-1.0, 1.5])
def test_fewer_steps_than_two_are_refused(steps):
    with pytest.raises(ValueError, match=f"must be 0 or at least 2 steps, not {steps}"):
        Stage(name="one", epochs=1, chrono=steps)
