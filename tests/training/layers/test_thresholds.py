"""Thresholds: on their grids, per layer, per neuron, and learned through a surrogate gradient."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import references  # noqa: E402

from thresh.training.layers.delta import snap, surrogate  # noqa: E402
from thresh.training.layers.delta_linear import DeltaLinear  # noqa: E402
from thresh.training.layers.delta_recurrent import DeltaGRU  # noqa: E402


def test_thresholds_lie_on_their_grids():
    layer = DeltaGRU(2, 3, threshold_x=0.1, threshold_h=0.1)
    assert layer.threshold_x == 410 / 4096
    assert layer.threshold_h == 1638 / 16384
    with pytest.raises(ValueError, match="0 or more, not -1"):
        snap(-1, 12)
    with pytest.raises(ValueError, match="0 or more, not nan"):
        snap(float("nan"), 12)


def test_thresholds_are_one_per_layer_or_one_per_neuron():
    layer = DeltaGRU(2, 3, 2)
    assert (layer.threshold_x, layer.threshold_h) == (0.0, 0.0)
    layer.threshold_h = [0.25, 0.5]
    assert layer.threshold_h == (0.25, 0.5)
    layer.threshold_h = 0.75
    assert layer.threshold_h == 0.75
    layer.set_thresholds(torch.tensor([0.5, 1.0]), [0.5, torch.tensor([0.25, 0.5, 1.0])])
    assert layer.threshold_x.tolist() == [0.5, 1.0]
    assert layer.threshold_h[0] == 0.5
    assert layer.threshold_h[1].tolist() == [0.25, 0.5, 1.0]


def test_each_neuron_is_compared_with_its_own_threshold():
    values = torch.tensor([[[0.5, 0.5], [1.0, 1.0]]])
    sent = references(values, torch.tensor([0.5, 0.75]))
    assert sent.tolist() == [[[0.5, 0.0], [1.0, 1.0]]]


def test_fixed_thresholds_are_settings_and_learned_ones_are_in_the_state_dict():
    layer, plain = DeltaGRU(2, 3, threshold_x=0.5, threshold_h=0.25), torch.nn.GRU(2, 3)
    assert layer.state_dict().keys() == plain.state_dict().keys()
    layer.learn_thresholds()
    names = {"log_threshold_x", "log_threshold_h_l0"}
    assert set(layer.state_dict()) - set(plain.state_dict()) == names
    layer.load_state_dict(plain.state_dict())
    assert layer.threshold_x == pytest.approx(0.5)
    saved = layer.state_dict()
    other = DeltaGRU(2, 3, threshold_x=0.1, threshold_h=0.1)
    other.learn_thresholds()
    other.load_state_dict(saved)
    assert other.threshold_h == pytest.approx(0.25)


def test_surrogate_is_a_triangle_of_area_one():
    size = torch.linspace(0, 2, 20_001, dtype=torch.float64)
    height = surrogate(size, torch.tensor(0.4, dtype=torch.float64))
    assert float(height.sum() * 1e-4) == pytest.approx(1, abs=1e-6)
    assert float(size[height.argmax()]) == pytest.approx(0.4)
    assert float(height[size > 0.8].max()) == 0
    assert surrogate(size, torch.tensor(0.0)).count_nonzero() == 0


@pytest.mark.parametrize("compiled", [True, False])
def test_learned_threshold_has_the_documented_gradient(compiled):
    layer = DeltaLinear(2, 1, threshold_x=0.5).double()
    layer.compiled = compiled
    layer.learn_thresholds(per_neuron=True)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[3.0, 5.0]]))
    x = torch.tensor([[[0.7, 0.4], [0.8, 0.4]]], dtype=torch.float64)
    layer(x).sum().backward()
    # step 1: changes 0.7 and 0.4 from 0; step 2: 0.1 and 0.4; d theta / d log theta = theta
    first = -3 * 0.7 * (1 - 0.2 / 0.5) / 0.5 - 3 * 0.1 * (1 - 0.4 / 0.5) / 0.5
    # what step 1 sent is kept by step 2, so the gradient of its mask counts twice
    first += -3 * 0.7 * (1 - 0.2 / 0.5) / 0.5
    second = -5 * 0.4 * (1 - 0.1 / 0.5) / 0.5 * 3
    wanted = torch.tensor([0.5 * first, 0.5 * second], dtype=torch.float64)
    torch.testing.assert_close(layer.log_threshold_x.grad, wanted, rtol=0, atol=1e-3)


def test_learned_thresholds_end_on_their_grids():
    layer = DeltaGRU(2, 3, threshold_x=0.5, threshold_h=0.25).double()
    layer.learn_thresholds(["threshold_h_l0"])
    with torch.no_grad():
        layer.log_threshold_h_l0.add_(0.1)
    level = 0.25 * 2.718281828459045**0.1
    assert layer.threshold_h == pytest.approx(level)
    layer.quantised = True
    assert float(layer.level("threshold_h_l0", 3)[0].detach()) == round(level * 2**14) / 2**14
    layer.fix_thresholds()
    assert layer.threshold_h == round(level * 2**14) / 2**14
    assert not [name for name, _ in layer.named_parameters() if "log" in name]


def test_setting_a_learned_threshold_keeps_it_learned():
    layer = DeltaGRU(2, 3, threshold_x=0.5, threshold_h=0.25)
    layer.learn_thresholds(per_neuron=True)
    parameter = layer.log_threshold_x
    layer.threshold_x = 0.75
    assert layer.log_threshold_x is parameter
    assert layer.threshold_x.tolist() == pytest.approx([0.75, 0.75])


def test_refuses_to_learn_from_zero():
    with pytest.raises(ValueError, match=r"starts above 0, not at 0\.0"):
        DeltaGRU(2, 3).learn_thresholds()
