"""Techniques of training for deltas: each does what it says, alone and with others."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training import techniques  # noqa: E402
from thresh.training.layers.delta_recurrent import DeltaGRU, DeltaLSTM  # noqa: E402


def walk(steps: int = 60, size: int = 4) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(3, steps, size, dtype=torch.float64).cumsum(1) / 4


def test_rounding_puts_what_is_sent_on_a_grid_while_training():
    layer = DeltaLSTM(4, 5, 2, batch_first=True).double()
    techniques.disturb(layer, rounding_x=0.25, rounding_h=0.125)
    trace = layer.run(walk())
    for signal, step in ((trace.sent_x, 0.25), (trace.sent_h, 0.125)):
        assert torch.equal(signal / step, (signal / step).round())
    sent = trace.layers[0].sent_h
    assert float((sent - trace.layers[0].h).detach().abs().max()) <= 0.0625
    assert torch.equal(layer.eval().run(walk()).sent_x, walk())


def test_gradient_passes_straight_through_rounding():
    layer = DeltaGRU(4, 5, batch_first=True).double()
    techniques.disturb(layer, rounding_x=0.25)
    x = walk().requires_grad_()
    trace = layer.run(x)
    (grad,) = torch.autograd.grad(trace.sent_x.sum(), x)
    assert torch.equal(grad, torch.ones_like(grad))


def test_noise_has_its_deviation_and_stops_with_training():
    layer = DeltaGRU(4, 5, batch_first=True).double()
    techniques.disturb(layer, noise_x=0.5, noise_h=0.1)
    torch.manual_seed(2)
    with torch.no_grad():
        trace = layer.run(walk(2000))
    assert float((trace.sent_x - trace.x).std()) == pytest.approx(0.5, rel=0.03)
    assert float((trace.sent_h - trace.h).std()) == pytest.approx(0.1, rel=0.03)
    trace = layer.eval().run(walk())
    assert torch.equal(trace.sent_h, trace.h)


def test_l1_cost_is_the_mean_change_of_valid_steps():
    layer = DeltaGRU(1, 1, threshold_x=1.0, batch_first=True).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
    x = torch.tensor([[[0.0], [2.0], [2.5], [9.0]]], dtype=torch.float64)
    valid = torch.tensor([[True, True, True, False]])
    trace = layer.run(x)
    assert float(techniques.l1_cost(trace, valid).detach()) == pytest.approx(2.5 / 4)
    assert float(techniques.l1_cost(trace, valid, of_sent=True).detach()) == pytest.approx(2 / 4)


def test_l1_cost_makes_training_quieter():
    torch.manual_seed(3)
    layer = DeltaGRU(4, 8, threshold_h=0.05, batch_first=True).double()
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.02)
    before = None
    for _ in range(30):
        loss = techniques.l1_cost(layer.run(walk()))
        before = before or layer.statistics[0].fired_h
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert layer.statistics[0].fired_h < 0.8 * before


def test_fetch_cost_is_the_share_of_weights_and_raises_learned_thresholds():
    torch.manual_seed(4)
    layer = DeltaGRU(4, 8, 2, threshold_x=0.2, threshold_h=0.05, batch_first=True).double()
    layer.learn_thresholds(per_neuron=True)
    optimiser = torch.optim.Adam([p for n, p in layer.named_parameters() if "log" in n], lr=0.05)
    shares = []
    for _ in range(20):
        cost = techniques.fetch_cost(layer, trace := layer.run(walk()))
        done = sum(one.weight_fetches for one in layer.statistics)
        dense = sum(one.dense_fetches for one in layer.statistics)
        last = int(trace.layers[-1].fired_h.sum()) * 24
        assert float(cost.detach()) == pytest.approx(done / dense)
        assert last > 0
        shares.append(float(cost.detach()))
        optimiser.zero_grad()
        cost.backward()
        assert layer.weight_ih_l0.grad is None
        optimiser.step()
    assert shares[-1] < 0.6 * shares[0]


def test_learned_thresholds_are_not_decayed():
    model = torch.nn.Sequential(DeltaGRU(4, 8, threshold_x=0.5, threshold_h=0.25))
    assert len(techniques.optimiser_groups(model, weight_decay=0.1)) == 1
    model[0].learn_thresholds()
    groups = techniques.optimiser_groups(model, weight_decay=0.1, threshold_rate=0.5)
    torch.optim.AdamW(groups, lr=0.01)
    assert [group["weight_decay"] for group in groups] == [0.1, 0.0]
    assert [group["lr"] for group in groups] == [0.01, 0.5]
    assert [len(group["params"]) for group in groups] == [4, 2]


def test_thresholds_rise_to_their_ends():
    layer = DeltaGRU(4, 8, 2)
    techniques.anneal(layer, 0.25, 0.5, (0.25, 0.5))
    assert (layer.threshold_x, layer.threshold_h) == (0.25, (0.125, 0.25))
    techniques.anneal(layer, 0.9, 0.5, 0.25)
    assert (layer.threshold_x, layer.threshold_h) == (0.5, 0.25)
    assert techniques.ramp(2.0, 1.0, 3.0) == 3.0


def test_spread_thresholds_follow_how_far_each_neuron_moves():
    layer = DeltaGRU(2, 8, threshold_x=0.5, threshold_h=0.25, batch_first=True).double()
    x = walk(200, 2) * torch.tensor([1.0, 3.0])
    techniques.spread_thresholds(layer, layer.run(x))
    spread = x.flatten(0, 1).std(0)
    wanted = 0.5 * spread / spread.mean()
    torch.testing.assert_close(layer.threshold_x, wanted, rtol=0, atol=2**-12)
    assert float(layer.threshold_h.mean()) == pytest.approx(0.25, abs=1e-3)
