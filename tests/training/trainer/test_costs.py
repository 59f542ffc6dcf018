"""What activity costs, and the switches of delta layers: each does what it says."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.layers.delta_recurrent import DeltaGRU, DeltaLSTM  # noqa: E402
from thresh.training.trainer import costs, switches  # noqa: E402


def walk(steps: int = 60, size: int = 4) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(3, steps, size, dtype=torch.float64).cumsum(1) / 4


def test_rounding_puts_what_is_sent_on_a_grid_while_training():
    layer = DeltaLSTM(4, 5, 2, batch_first=True).double()
    switches.disturb(layer, rounding_x=0.25, rounding_h=0.125)
    trace = layer.run(walk())
    for signal, step in ((trace.sent_x, 0.25), (trace.sent_h, 0.125)):
        assert torch.equal(signal / step, (signal / step).round())
    sent = trace.layers[0].sent_h
    assert float((sent - trace.layers[0].h).detach().abs().max()) <= 0.0625
    assert torch.equal(layer.eval().run(walk()).sent_x, walk())


def test_gradient_passes_straight_through_rounding():
    layer = DeltaGRU(4, 5, batch_first=True).double()
    switches.disturb(layer, rounding_x=0.25)
    x = walk().requires_grad_()
    trace = layer.run(x)
    (grad,) = torch.autograd.grad(trace.sent_x.sum(), x)
    assert torch.equal(grad, torch.ones_like(grad))


def test_noise_has_its_deviation_and_stops_with_training():
    layer = DeltaGRU(4, 5, batch_first=True).double()
    switches.disturb(layer, noise_x=0.5, noise_h=0.1)
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
    assert float(costs.l1_cost(trace, valid).detach()) == pytest.approx(2.5 / 4)
    assert float(costs.change_cost(trace, valid).detach()) == 0


def test_l1_cost_makes_training_quieter():
    torch.manual_seed(3)
    layer = DeltaGRU(4, 8, threshold_h=0.05, batch_first=True).double()
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.02)
    before = None
    for _ in range(30):
        loss = costs.l1_cost(layer.run(walk()))
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
        cost = costs.fetch_cost(layer, trace := layer.run(walk()))
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
    assert len(switches.optimiser_groups(model, weight_decay=0.1)) == 1
    model[0].learn_thresholds()
    groups = switches.optimiser_groups(model, weight_decay=0.1)
    torch.optim.AdamW(groups, lr=0.01)
    assert [group["weight_decay"] for group in groups] == [0.1, 0.0]
    assert [len(group["params"]) for group in groups] == [4, 2]


def test_shares_rise_to_one():
    assert [switches.ramp(share, 0.25) for share in (0.0, 0.125, 0.25, 0.9)] == [0, 0.5, 1, 1]
    assert switches.ramp(0.0, 0.0) == 1.0


def test_change_cost_is_of_the_states_of_all_layers():
    torch.manual_seed(5)
    layer = DeltaGRU(4, 5, 2, batch_first=True).double()
    valid = torch.ones(3, 60, dtype=torch.bool)
    valid[1, 20:] = False
    trace = layer.run(walk())
    each = [(one.h[:, 1:] - one.h[:, :-1]).abs().detach() for one in trace.layers]
    wanted = sum(float(one[valid[:, 1:]].sum()) for one in each) / (2 * 5 * int(valid[:, 1:].sum()))
    assert float(costs.change_cost(trace, valid).detach()) == pytest.approx(wanted)
