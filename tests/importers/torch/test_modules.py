"""PyTorch modules and files come in equal to PyTorch, or are refused with the reason."""

import itertools

import numpy as np
import pytest
from import_cases import inputs

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import fired  # noqa: E402
from torch import nn  # noqa: E402

from thresh.importers.imported import prove  # noqa: E402
from thresh.importers.torch.checkpoint import read_checkpoint  # noqa: E402
from thresh.importers.torch.modules import import_module  # noqa: E402
from thresh.importers.torch.state_dict import import_state_dict  # noqa: E402
from thresh.importers.torch.tensors import as_arrays  # noqa: E402
from thresh.model.float_network import FloatLayer, FloatNetwork  # noqa: E402
from thresh.model.float_run import run_float  # noqa: E402
from thresh.training.layers.delta_recurrent import DeltaRecurrent  # noqa: E402
from thresh.training.layers.formats import Formats  # noqa: E402


def kinds(imported):
    return [layer.kind for layer in imported.network.layers]


@pytest.mark.parametrize("kind", ["GRU", "LSTM", "RNN"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_layers_equal_torch_in_float64(kind, bias, batch_first):
    made = getattr(nn, kind)(
        5, 7, num_layers=3, bias=bias, batch_first=batch_first, dropout=0.0
    ).double()
    x = inputs(4, 11, 5)
    with torch.no_grad():
        value = torch.tensor(x if batch_first else x.swapaxes(0, 1))
        wanted = made(value)[0].numpy()
    wanted = wanted if batch_first else wanted.swapaxes(0, 1)
    imported = import_module(made)
    assert np.abs(run_float(imported.network, x).outputs - wanted).max() < 1e-12
    assert prove(imported).difference < 1e-12


@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn_tanh", "rnn_relu"])
@pytest.mark.parametrize("thresholds", [(0.0, 0.0), (0.3, 0.1), (0.05, 0.6)])
def test_the_float_delta_network_equals_the_trainable_one(kind, thresholds):
    formats = Formats(x_frac=14, weight_x_frac=9, weight_h_frac=9)
    layer = DeltaRecurrent(kind, 5, 7, formats=formats, batch_first=True).double()
    layer.set_thresholds(*thresholds)
    x = np.cumsum(0.2 * inputs(3, 25, 5), axis=1)
    with torch.no_grad():
        trace = layer.run(torch.tensor(x))
        weights = [tensor.numpy() for tensor in layer.weights()]
    names = ("weight_x", "weight_h", "bias")
    real = FloatLayer(kind=kind, **dict(zip(names, weights, strict=True)))
    limits = (layer.threshold_x, layer.threshold_h)
    ours = run_float(FloatNetwork(layers=(real,)), x, limits)
    np.testing.assert_allclose(ours.outputs, trace.h.numpy(), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(ours.fired[..., 0], fired(trace.sent_x).numpy())
    np.testing.assert_array_equal(ours.fired[..., 1], fired(trace.sent_h).numpy())


@pytest.mark.parametrize("seed", range(12))
def test_mixed_stacks_of_odd_sizes_equal_torch(seed):
    draw = np.random.default_rng(seed)
    sizes = draw.choice([1, 3, 7, 17, 40], 6)
    modules, said = {}, {}
    for place, kind in enumerate(draw.choice(["GRU", "LSTM", "RNN", "Linear", "GRUCell"], 5)):
        name = f"{kind.lower()}{place}"
        modules[name] = getattr(nn, kind)(*map(int, sizes[place : place + 2]))
        said |= {name: str(draw.choice(["none", "relu", "tanh", "sigmoid"]))} if place == 1 else {}
        said |= {name: str(draw.choice(["none", "relu", "tanh"]))} if kind == "Linear" else {}
    state = as_arrays(nn.ModuleDict(modules).state_dict())
    imported = import_state_dict(state, activations=said, nonlinearity="relu")
    assert prove(imported).difference < 1e-12


@pytest.mark.parametrize("kind", ["GRUCell", "LSTMCell", "RNNCell"])
@pytest.mark.parametrize("bias", [True, False])
def test_cells_equal_torch(kind, bias):
    state = as_arrays(getattr(nn, kind)(5, 7, bias=bias).state_dict())
    proof = prove(import_state_dict(state, nonlinearity="relu"))
    assert proof.difference < 1e-12
    assert proof.values == 3 * 17 * 7


def make(*, last, batch_first, wrong=False):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(5, 6, batch_first=batch_first)
            self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
            self.relu, self.drop = nn.ReLU(), nn.Dropout(0.5)

        def forward(self, x):
            y, _ = self.rnn(x)
            if last:
                y = y[:, -1] if batch_first else y[-1]
            if wrong:
                return self.first(self.relu(self.second(y)))
            return self.relu(self.second(self.drop(self.first(y))))

    return Net()


@pytest.mark.parametrize(("last", "batch_first"), list(itertools.product([True, False], repeat=2)))
def test_a_modules_own_forward_proves_it(last, batch_first):
    imported = import_module(make(last=last, batch_first=batch_first))
    assert kinds(imported) == ["lstm", "linear", "linear_relu"]
    assert prove(imported).values == 3 * 6 * (1 if last else 17)


def test_a_forward_in_another_order_is_found_out():
    imported = import_module(make(last=False, batch_first=True, wrong=True))
    with pytest.raises(ValueError, match="differs from PyTorch"):
        prove(imported)


def test_a_mean_over_time_is_found_out():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.out = nn.GRU(5, 6, batch_first=True), nn.Linear(6, 3)

        def forward(self, x):
            return self.out(self.rnn(x)[0].mean(1))

    assert prove(import_module(Net())).reads == "mean"


def test_a_forward_that_fails_is_said():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(5, 6)

        def forward(self, x, y):
            return self.rnn(x)

    with pytest.raises(ValueError, match=r"cannot run the file here .* missing 1 required"):
        prove(import_module(Net()))


def test_sequential_ends_in_a_softmax():
    imported = import_module(
        nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4), nn.Softmax(-1))
    )
    assert kinds(imported) == ["linear_tanh", "linear"]
    assert prove(imported).difference < 1e-12


def test_modules_that_cannot_be_are_refused():
    cases = [
        (nn.GRU(3, 4, bidirectional=True), "bidirectional"),
        (nn.LSTM(3, 4, proj_size=2), "proj_size"),
        (nn.Sequential(nn.Linear(3, 4), nn.GELU()), "1 is a GELU"),
        (nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4)), "1 is a LayerNorm"),
        (nn.Sequential(nn.Softmax(-1), nn.Linear(3, 4)), "0 is a Softmax"),
        (nn.Sequential(nn.Linear(3, 4), nn.Softmax(-1), nn.ReLU()), "softmax stands before 2"),
        (nn.Sequential(nn.Dropout(0.1)), "holds no GRU"),
    ]
    for module, text in cases:
        with pytest.raises(ValueError, match=text):
            import_module(module)


def test_files_of_state_dicts_come_in(tmp_path):
    net = nn.ModuleDict({"gru": nn.GRU(3, 4), "fc": nn.Linear(4, 2)})
    for content in (net.state_dict(), {"state_dict": net.state_dict(), "epoch": 3}):
        torch.save(content, tmp_path / "net.pt")
        imported = import_state_dict(read_checkpoint(tmp_path / "net.pt")[0])
        assert kinds(imported) == ["gru", "linear"]
        assert prove(imported).difference < 1e-12


def test_files_of_anything_else_are_refused(tmp_path):
    path = tmp_path / "net.pt"
    torch.save(nn.GRU(3, 4), path)
    with pytest.raises(ValueError, match=r"write it with torch.save.model.state_dict"):
        read_checkpoint(path)
    torch.save(torch.zeros(3), path)
    with pytest.raises(ValueError, match="holds no state dict but Tensor"):
        read_checkpoint(path)
    torch.save({"gru.weight_ih_l0": 3}, path)
    with pytest.raises(ValueError, match="holds no tensors: its entries are gru"):
        read_checkpoint(path)
    path.write_bytes(b"x" * 10)
    with pytest.raises(ValueError, match="not a file of tensors alone"):
        read_checkpoint(path)
