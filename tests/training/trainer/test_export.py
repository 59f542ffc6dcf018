"""Trained networks in integers: what PyTorch computes is what the golden model computes."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import fired  # noqa: E402
from torch import nn  # noqa: E402

from thresh.cli.main import run  # noqa: E402
from thresh.model.model_file import load_network, save_network  # noqa: E402
from thresh.model.network import Network  # noqa: E402
from thresh.sim.golden import GoldenModel  # noqa: E402
from thresh.training.layers.formats import Formats  # noqa: E402
from thresh.training.trainer.batches import Item  # noqa: E402
from thresh.training.trainer.export import from_network, to_network  # noqa: E402
from thresh.training.trainer.net import Net  # noqa: E402

EXAMPLES = Path(__file__).parent.parent.parent.parent / "examples"
SHIPPED = sorted(path.name for path in EXAMPLES.glob("*.safetensors"))


def make_net(layers: int) -> Net:
    torch.manual_seed(layers)
    net = Net(5, 24, 3, layers=layers, front=nn.Linear(9, 5))
    net.set_thresholds(0.1, 0.05)
    return net


def make_items(count: int, inputs: int, steps: int) -> list[Item]:
    draw = np.random.default_rng(count)
    walks = draw.standard_normal((count, steps, inputs)).cumsum(axis=1) / 4
    return [Item(x=walk.astype(np.float32), target=None) for walk in walks]


def walk(network: Network, steps: int) -> np.ndarray:
    """Integer inputs that move, with a sequence that stands still."""
    draw, limit = np.random.default_rng(7), 1 << 14
    scale = 2 ** network.layers[0].x_frac // 3 + 2
    x = np.cumsum(draw.integers(-scale, scale, (4, steps, network.inputs)), axis=1)
    x[0] = x[0, :1]
    return x.clip(1 - limit, limit - 1)


def compare(network: Network, x: np.ndarray) -> None:
    """Every output, state, reference and event of PyTorch and the golden model."""
    net = from_network(network)
    with torch.no_grad():
        found = net(torch.tensor(x / 2.0 ** network.layers[0].x_frac))
    golden = GoldenModel(network, len(x)).run(x, keep_states=True)
    last = network.layers[-1]
    assert np.array_equal(found.outputs.numpy() * 2.0**last.h_frac, golden.outputs)
    for number, layer in enumerate(found.trace.layers):
        scale = 2.0 ** network.layers[number].h_frac
        states = [step[number] for step in golden.states]
        wanted = np.stack([state.h for state in states], axis=1)
        assert np.array_equal(layer.h.numpy() * scale, wanted)
        sent = np.stack([state.reference_h for state in states], axis=1)
        assert np.array_equal(layer.sent_h.numpy() * scale, sent)
        assert np.array_equal(layer.fired_h.numpy(), golden.fired_h[..., number])
    assert np.array_equal(found.trace.layers[0].fired_x.numpy(), golden.fired_x)
    assert 0 < golden.fired_h[1:].sum() < golden.fired_h[1:].size * network.layers[0].units


@pytest.mark.parametrize("layers", [1, 2])
def test_integers_are_equal_and_near_the_real_numbers(layers):
    net = make_net(layers)
    items = make_items(6, 9, 40)
    network = to_network(net, items, name="try")
    compare(network, walk(network, 40))
    form = 2.0 ** network.layers[0].x_frac
    with torch.no_grad():
        front = net.front(torch.from_numpy(items[0].x))
        real = net(torch.from_numpy(items[0].x)[None]).outputs[0].numpy()
    x = np.floor(front.numpy() * form + 0.5).astype(np.int64)
    golden = GoldenModel(network).run(x[None])
    difference = golden.outputs[0] / 2.0 ** network.layers[-1].h_frac - real
    assert np.abs(difference).max() < 0.1


def make_quantised(seed: int, gain: float, **thresholds: float) -> Net:
    torch.manual_seed(seed)
    net = Net(40, 128, 10, formats=Formats(weight_x_frac=8, weight_h_frac=6))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter *= gain
    net.set_thresholds(**thresholds)
    net.set_quantised(True)
    return net


def speech(seed: int, steps: int) -> np.ndarray:
    """Integer inputs that move as speech does, with two silent sequences."""
    draw = np.random.default_rng(seed)
    x = np.cumsum(draw.integers(-1500, 1501, (6, steps, 40)), axis=1)
    x[:2, :, :] = x[:2, :1, :]
    return x.clip(-16383, 16383)


@pytest.mark.parametrize(
    ("gain", "threshold_x", "threshold_h"), [(1, 0.5, 0.25), (4, 0.5, 0.4), (30, 0, 0)]
)
def test_golden_model_equals_quantised_forward_in_every_integer(gain, threshold_x, threshold_h):
    net = make_quantised(3, gain, threshold_x=threshold_x, threshold_h=threshold_h)
    network = to_network(net)
    x = speech(7, 80)
    with torch.no_grad():
        run = net(torch.tensor(x / 2.0**12))
    golden = GoldenModel(network, len(x)).run(x, keep_states=True)
    assert golden.fired_h[..., 0].sum() > 0
    outputs, trace = run.outputs, run.trace
    h = np.stack([states[0].h for states in golden.states], axis=1)
    sent = np.stack([states[0].reference_h for states in golden.states], axis=1)
    np.testing.assert_array_equal(outputs.numpy() * 2.0**11, golden.outputs)
    np.testing.assert_array_equal(trace.h.numpy() * 2.0**14, h)
    np.testing.assert_array_equal(trace.sent_h.numpy() * 2.0**14, sent)
    np.testing.assert_array_equal(fired(trace.sent_x).numpy(), golden.fired_x)
    np.testing.assert_array_equal(fired(trace.sent_h).numpy(), golden.fired_h[..., 0])


def test_networks_come_back_as_they_went():
    net = make_quantised(4, 2, threshold_x=0.5, threshold_h=0.25)
    network = to_network(net, classes=tuple("abcdefghij"), decision="mean")
    again = to_network(from_network(network), classes=tuple("abcdefghij"), decision="mean")
    assert again == network


def test_other_layers_are_refused():
    network = to_network(make_net(1), make_items(2, 9, 10))
    with pytest.raises(ValueError, match="must be GRU and a linear last, not gru"):
        from_network(Network(layers=network.layers[:1]))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_networks_are_equal_in_every_integer(name):
    network = load_network(EXAMPLES / name)
    compare(network, walk(network, 60))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_networks_run_in_the_golden_model(name, tmp_path, capsys):
    network = load_network(EXAMPLES / name)
    np.savez(tmp_path / "x.npz", x=walk(network, 6)[1:2])
    assert run(["golden", str(EXAMPLES / name), str(tmp_path / "x.npz"), "--json"]) == 0
    assert '"saturations"' in capsys.readouterr().out


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    """Where the simulators lie that the shipped networks share."""
    return tmp_path_factory.mktemp("engines")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_networks_run_in_the_simulated_core(name, engines, tmp_path, capsys):
    network = load_network(EXAMPLES / name)
    np.savez(tmp_path / "x.npz", x=walk(network, 4)[1:2])
    words = ["sim", str(EXAMPLES / name), str(tmp_path / "x.npz"), "--engine", "compiled"]
    assert run([*words, "--lanes", "8", "-o", str(engines), "--json"]) == 0
    assert '"mismatches": 0' in capsys.readouterr().out


def test_model_files_keep_what_was_exported(tmp_path):
    network = to_network(make_net(2), make_items(3, 9, 12), name="kept", notes={"seed": 1})
    save_network(network, tmp_path / "kept.safetensors")
    assert load_network(tmp_path / "kept.safetensors") == network
