"""PyTorch networks come in equal, or are refused with the reason."""

import builtins

import numpy as np
import pytest
from safetensors.numpy import save_file

from thresh.importers.torch.checkpoint import read_checkpoint
from thresh.importers.torch.state_dict import import_state_dict


def gru(prefix="gru", inputs=3, units=4, level=0, seed=0):
    """A GRU's tensors under PyTorch's names."""
    random = np.random.default_rng(seed)
    return {
        f"{prefix}.weight_ih_l{level}": random.normal(size=(3 * units, inputs)),
        f"{prefix}.weight_hh_l{level}": random.normal(size=(3 * units, units)),
        f"{prefix}.bias_ih_l{level}": random.normal(size=3 * units),
        f"{prefix}.bias_hh_l{level}": random.normal(size=3 * units),
    }


def dense(prefix, inputs, outputs):
    """A linear layer's tensors."""
    random = np.random.default_rng(7)
    return {
        f"{prefix}.weight": random.normal(size=(outputs, inputs)),
        f"{prefix}.bias": random.normal(size=outputs),
    }


def kinds(imported):
    return [layer.kind for layer in imported.network.layers]


def test_gates_and_biases_go_where_they_belong():
    state = gru()
    layer = import_state_dict(state).network.layers[0]
    bias_x, bias_h = state["gru.bias_ih_l0"].reshape(3, 4), state["gru.bias_hh_l0"].reshape(3, 4)
    np.testing.assert_array_equal(layer.weight_x.reshape(12, 3), state["gru.weight_ih_l0"])
    np.testing.assert_array_equal(layer.bias[0], bias_x[0] + bias_h[0])
    np.testing.assert_array_equal(layer.bias[1], bias_h[2])
    np.testing.assert_array_equal(layer.bias[3], bias_x[2])


def test_a_safetensors_file_is_chained_by_its_sizes(tmp_path):
    state = gru("rnn", 3, 4) | gru("rnn", 4, 4, level=1) | dense("fc", 4, 2)
    save_file(state, tmp_path / "net.safetensors")
    tensors, _ = read_checkpoint(tmp_path / "net.safetensors")
    assert list(tensors) == sorted(state)
    imported = import_state_dict(tensors, ordered=False)
    assert kinds(imported) == ["gru", "gru", "linear"]
    assert imported.notes == (
        "a state dict does not say its chain; it is taken to be rnn, fc, as the sizes say",
    )


def test_a_file_in_another_order_is_asked_about():
    state = dense("fc", 4, 2) | gru("rnn", 3, 4)
    with pytest.raises(ValueError, match=r"do not form a chain as they stand .*--order"):
        import_state_dict(state)
    imported = import_state_dict(state, order=("rnn", "fc"))
    assert imported.notes[0].endswith("rnn, fc, as --order says")


def test_sizes_that_allow_several_chains_are_asked_about():
    state = gru("rnn", 4, 4) | dense("fc", 4, 4)
    with pytest.raises(ValueError, match=r"form several chains \(rnn 4 to 4, fc 4 to 4\).*--order"):
        import_state_dict(state, ordered=False)
    imported = import_state_dict(
        state, ordered=False, order=("fc", "rnn"), activations={"fc": "tanh"}
    )
    assert kinds(imported) == ["linear_tanh", "gru"]
    with pytest.raises(ValueError, match="order must name each of rnn, fc once, not rnn"):
        import_state_dict(state, order=("rnn",))


def test_numbered_layers_stand_in_their_order():
    state = dense("10", 4, 4) | dense("2", 4, 4) | dense("0", 4, 4)
    said = dict.fromkeys(("0", "2"), "relu")
    imported = import_state_dict(state, ordered=False, activations=said)
    assert [layer.name for layer in imported.network.layers] == ["0", "2", "10"]
    assert kinds(imported) == ["linear_relu", "linear_relu", "linear"]
    assert imported.notes[0].endswith("0 relu, 2 relu, 10, in the order of the numbers")


def test_an_activation_behind_a_recurrent_layer_takes_a_layer():
    imported = import_state_dict(gru(), activations={"gru": "relu"})
    assert kinds(imported) == ["gru", "linear_relu"]
    assert "takes a linear layer of its own" in imported.notes[1]


def test_biases_may_be_absent():
    state = {name: value for name, value in gru().items() if "bias" not in name}
    assert not import_state_dict(state).network.layers[0].bias.any()


def test_half_precision_weights_are_taken():
    state = {name: value.astype(np.float16) for name, value in gru().items()}
    assert import_state_dict(state).network.layers[0].weight_x.dtype == np.float64


@pytest.mark.parametrize(
    ("state", "options", "text"),
    [
        ({}, {}, "state dict is empty"),
        (gru() | {"gru.weight_ih_l0_reverse": np.zeros((12, 3))}, {},
         "weight_ih_l0_reverse belongs to a bidirectional layer"),
        (gru() | {"gru.weight_hr_l0": np.zeros((2, 4))}, {}, "LSTM with proj_size"),
        (gru() | {"bn.running_mean": np.zeros(4)}, {}, "bn lacks running_var"),
        (gru() | {"conv.weight": np.zeros((4, 4, 3))}, {}, r"conv.weight must have two"),
        (gru() | {"norm.weight": np.zeros(4)}, {}, "norm.weight must have two axes"),
        (gru() | {"norm.bias": np.zeros(4)}, {}, "norm lacks weight"),
        (dense("a", 3, 4) | dense("b", 4, 2), {}, "what follows the linear layer a: .*--act"),
        ({"rnn.weight_ih_l0": np.zeros((4, 3)), "rnn.weight_hh_l0": np.zeros((4, 4))}, {},
         "an nn.RNN, and a state dict does not say .*--nonlinearity"),
        ({"rnn.weight_ih_l0": np.zeros((8, 3)), "rnn.weight_hh_l0": np.zeros((8, 4))}, {},
         r"1, 3 or 4 times as many rows as columns .* not shape \(8, 4\)"),
        (gru() | {"gru.weight_ih_l0": np.zeros((9, 3))}, {}, r"weight_ih must have 12 rows"),
        (gru() | gru(level=2), {}, "gru lacks weight_ih of its level 1"),
        (gru() | {"gru.bias_hh_l0": np.full(12, np.nan)}, {}, "gru: bias must be finite, but nan"),
        (gru(), {"activations": {"fc": "relu"}}, "no layer 'fc'; the layers are gru"),
        (gru(), {"activations": {"gru": "gelu"}}, "must be none, relu, sigmoid, tanh, not 'gelu'"),
        (gru(units=4) | dense("fc", 5, 2), {}, "chain as they stand .gru 3 to 4, fc 5 to 2."),
        ({k: v for k, v in gru().items() if "bias_hh" not in k}, {}, "both biases or none"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_reason(state, options, text):
    with pytest.raises(ValueError, match=text):
        import_state_dict(state, **options)


def test_damaged_files_are_refused(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"is not a whole .safetensors file"):
        read_checkpoint(tmp_path / "a.safetensors")
    with pytest.raises(FileNotFoundError):
        read_checkpoint(tmp_path / "absent.safetensors")


def test_a_pt_file_without_torch_names_the_package(tmp_path, monkeypatch):
    (tmp_path / "a.pt").write_bytes(b"x")
    real = builtins.__import__

    def refuse(name, *rest, **more):
        if name == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ModuleNotFoundError, match="torch"):
        read_checkpoint(tmp_path / "a.pt")
