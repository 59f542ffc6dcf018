"""What training loops keep: nested, pruned, normed, with tables and losses beside the network."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from safetensors.torch import save_file  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.utils import parametrizations, prune  # noqa: E402

from thresh.importers.imported import prove  # noqa: E402
from thresh.importers.sources import Hints, open_source  # noqa: E402
from thresh.model.float_run import run_float  # noqa: E402


class Net(nn.Module):
    """A GRU and a last layer."""

    def __init__(self, **more):
        super().__init__()
        for name, module in more.items():
            setattr(self, name, module)
        self.rnn = nn.GRU(6, 10, batch_first=True)
        self.fc = nn.Linear(10, 4)

    def forward(self, x):
        return self.fc(self.rnn(x)[0])


def opened(path, content=None, **hints):
    if content is not None:
        torch.save(content, path)
    return open_source(path, Hints(**hints))


def outputs_differ(imported, net):
    """Largest difference from the module itself."""
    x = np.random.default_rng(1).normal(size=(2, 7, 6))
    with torch.no_grad():
        wanted = net.double()(torch.tensor(x)).numpy()
    return np.abs(run_float(imported.network, x).outputs - wanted).max()


@pytest.mark.parametrize(
    "nest",
    [
        lambda state: {"epoch": 3, "model_state": state, "optim": {"state": {0: state["fc.bias"]}}},
        lambda state: {
            "state_dict": {f"model.{name}": v for name, v in state.items()},
            "loops": {},
        },
        lambda state: {"net": state, "ema": state},
        lambda state: {"checkpoint": {"weights": {"inner": state}}, "lr": 0.1},
    ],
)
def test_a_state_dict_is_found_wherever_a_loop_keeps_it(tmp_path, nest):
    net = Net()
    found = opened(tmp_path / "net.pt", nest(net.state_dict()))
    assert outputs_differ(found, net) < 1e-6
    assert any("the state dict is the entry" in note for note in found.notes)


def test_several_state_dicts_are_not_guessed_between(tmp_path):
    state = Net().state_dict()
    with pytest.raises(ValueError, match=r"several state dicts \(teacher, student\): save one"):
        opened(tmp_path / "net.pt", {"teacher": state, "student": state})


def test_pruned_weights_are_taken_times_their_masks(tmp_path):
    net = Net()
    prune.l1_unstructured(net.rnn, "weight_hh_l0", 0.5)
    prune.random_unstructured(net.fc, "weight", 0.5)
    found = opened(tmp_path / "net.pt", net.state_dict())
    assert outputs_differ(found, net) < 1e-6
    assert (found.network.layers[0].weight_h == 0).mean() == pytest.approx(0.5)
    save_file(net.state_dict(), tmp_path / "net.safetensors")
    assert outputs_differ(opened(tmp_path / "net.safetensors"), net) < 1e-6


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("norm", [parametrizations.weight_norm, nn.utils.weight_norm])
@pytest.mark.parametrize("dim", [0, 1, None])
def test_normed_weights_are_put_together(tmp_path, norm, dim):
    net = Net()
    norm(net.rnn, "weight_hh_l0", dim=dim)
    norm(net.fc, "weight")
    with torch.no_grad():
        for name, value in net.named_parameters():
            if name.endswith(("_g", "original0")):
                value *= 1.7
    found = opened(tmp_path / "net.pt", net.state_dict())
    assert outputs_differ(found, net) < 1e-6
    assert prove(found).difference < 1e-9


def test_other_parametrisations_name_the_way(tmp_path):
    net = Net()
    parametrizations.orthogonal(net.fc, "weight")
    with pytest.raises(ValueError, match=r"use torch\.nn\.utils\.parametrize\.remove"):
        opened(tmp_path / "net.pt", net.state_dict())
    old = Net()
    nn.utils.spectral_norm(old.fc)
    with pytest.raises(ValueError, match="has no mask beside it, as spectral normalisation"):
        opened(tmp_path / "net.pt", old.state_dict())


def test_class_weights_of_a_loss_are_left_out(tmp_path):
    net = Net(criterion=nn.CrossEntropyLoss(torch.ones(4)))
    found = opened(tmp_path / "net.pt", net.state_dict())
    assert [layer.kind for layer in found.network.layers] == ["gru", "linear"]
    assert "criterion.weight is left out: it weighs a loss" in found.notes


class Words(nn.Module):
    """A table, a GRU, and perhaps a last layer."""

    def __init__(self, name, entries, size, units):
        super().__init__()
        setattr(self, name, nn.Embedding(entries, size))
        self.rnn = nn.GRU(size, units, batch_first=True)
        self.called = name

    def forward(self, tokens):
        return self.rnn(getattr(self, self.called)(tokens))[0]


@pytest.mark.parametrize("name", ["embedding", "emb", "lookup"])
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_an_embedding_is_a_table_and_no_output_layer(tmp_path, name, suffix):
    net, path = Words(name, 20, 12, 12), tmp_path / f"net{suffix}"
    if suffix == ".pt":
        torch.save(net.state_dict(), path)
    else:
        save_file(net.state_dict(), path)
    if (name, suffix) == ("lookup", ".safetensors"):  # as an output layer it would fit too
        with pytest.raises(ValueError, match=r"form several chains .* name them in order"):
            opened(path)
        found = opened(path, order=("lookup", "rnn"))
    else:
        found = opened(path)
    assert (found.tokens, found.network.inputs, len(found.network.layers)) == (20, 20, 1)
    tokens = np.random.default_rng(1).integers(0, 20, (2, 7))
    with torch.no_grad():
        wanted = net(torch.tensor(tokens)).numpy()
    ours = run_float(found.network, np.eye(20)[tokens]).outputs
    assert np.abs(ours - wanted).max() < 1e-6
    assert prove(found).difference < 1e-9


@pytest.mark.parametrize("function", ["relu", "sigmoid", "tanh"])
def test_a_function_of_a_table_is_applied(tmp_path, function):
    net, path = Words("emb", 20, 12, 6), tmp_path / "net.pt"
    torch.save(net.state_dict(), path)
    found = opened(path, activations={"emb": function})
    tokens = np.random.default_rng(1).integers(0, 20, (2, 7))
    with torch.no_grad():
        wanted = net.rnn(getattr(torch, function)(net.emb(torch.tensor(tokens))))[0].numpy()
    ours = run_float(found.network, np.eye(20)[tokens]).outputs
    assert np.abs(ours - wanted).max() < 1e-6
    assert prove(found).difference < 1e-9
    assert len(found.network.layers) == 1


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_every_float_is_read(tmp_path, kind, suffix):
    net, path = Net().to(kind), tmp_path / f"net{suffix}"
    if suffix == ".pt":
        torch.save(net.state_dict(), path)
    else:
        save_file(net.state_dict(), path)
    found = opened(path)
    np.testing.assert_array_equal(
        found.network.layers[1].weight_x[0], net.fc.weight.detach().double().numpy()
    )


SHARED = torch.zeros(4096, 4096)
"""64 MiB, of which a file holds one copy for as many layers as name it."""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({3: torch.ones(2)}, "A tensor's name must be a text, not 3"),
        (
            {"a.weight": torch.ones(2, 2).to_sparse()},
            "sparse, nested or empty tensor: save it dense",
        ),
        ({"a.weight": torch.ones(2, 2, device="meta")}, "sparse, nested or empty|Cannot copy"),
        ({"a.weight": torch.ones(1).expand(1 << 20, 1 << 20)}, "more than the file holds"),
        (
            {f"a.{n}.weight": SHARED for n in range(6)},
            r"a\.4\.weight and others share numbers: they say more than the file holds",
        ),
        ({"a.weight": torch.ones(2, 2, dtype=torch.complex64)}, "real numbers, not Tensor"),
        ({"lr": 0.1}, "holds no tensors: its entries are lr"),
        (torch.ones(2), "holds no state dict but Tensor"),
    ],
)
def test_what_is_no_state_dict_is_refused(tmp_path, content, sentence):
    with pytest.raises(ValueError, match=sentence):
        opened(tmp_path / "net.pt", content)


@pytest.mark.filterwarnings("ignore")
def test_programs_and_quantised_layers_name_the_way(tmp_path):
    torch.jit.script(Net()).save(tmp_path / "net.pt")
    with pytest.raises(ValueError, match=r"is TorchScript, a program: save torch\.jit\.load"):
        opened(tmp_path / "net.pt")
    eight = torch.ao.quantization.quantize_dynamic(Net(), {nn.Linear}, dtype=torch.qint8)
    with pytest.raises(ValueError, match="quantised: save the float model that they were made"):
        opened(tmp_path / "eight.pt", eight.state_dict())
