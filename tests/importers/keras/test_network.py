"""Keras files come in with their equations, or are refused with the reason."""

import numpy as np
import pytest

pytest.importorskip("h5py", reason="the extra [keras] is not installed")

from import_cases import inputs
from keras_cases import chained, layer, layer_of, write_h5, write_zip

from thresh.importers.keras.network import import_keras
from thresh.model.float_run import run_float, sigmoid

WRITERS = {
    "Keras 2 h5": (write_h5, {}, ".h5"),
    "Keras 3 zip": (write_zip, {}, ".keras"),
    "Keras 3.0 zip": (write_zip, {"named": False}, ".keras"),
    "Keras 2 zip": (write_zip, {"root": "_layer_checkpoint_dependencies"}, ".keras"),
}


def stack():
    """Every class, two of one."""
    return [
        layer("GRU", 3, 4, name="first", seed=1), layer_of("Dropout", "drop"),
        layer("GRU", 4, 5, name="second", seed=2), layer("LSTM", 5, 6, seed=3),
        layer("Dense", 6, 4, activation="relu", seed=4), layer("SimpleRNN", 4, 3, seed=5),
        layer("Dense", 3, 2, name="out", seed=6),
    ]  # fmt: skip


def forward(layers, x):
    """Keras' equations, from its documentation and its own gate order."""
    for one in layers:
        kind, weights = one["class_name"], [w.astype(np.float64) for w in one["weights"]]
        if kind == "Dense":
            x = x @ weights[0] + weights[1]
            x = np.maximum(x, 0) if one["config"]["activation"] == "relu" else x
        elif kind != "Dropout":
            x = recurrence(kind, x, *weights)
    return x


def recurrence(kind, x, kernel, recurrent, bias):
    h = c = np.zeros((len(x), len(recurrent)))
    outputs = []
    for now in x.swapaxes(0, 1):
        if kind == "GRU":
            (xz, xr, xh), (hz, hr, hh) = (
                np.split(value, 3, axis=1) for value in (now @ kernel + bias[0],
                                                        h @ recurrent + bias[1])
            )  # fmt: skip
            z = sigmoid(xz + hz)
            h = z * h + (1 - z) * np.tanh(xh + sigmoid(xr + hr) * hh)
        elif kind == "LSTM":
            i, f, g, o = np.split(now @ kernel + h @ recurrent + bias, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            h = np.tanh(now @ kernel + h @ recurrent + bias)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("layout", WRITERS)
def test_every_layout_computes_keras_equations(layout, tmp_path):
    write, options, suffix = WRITERS[layout]
    layers, x = stack(), inputs(2, 9, 3)
    imported = import_keras(write(tmp_path / f"net{suffix}", layers, **options))
    np.testing.assert_allclose(
        run_float(imported.network, x).outputs, forward(layers, x), rtol=0, atol=1e-12
    )
    assert imported.reads == "all"


@pytest.mark.parametrize("keras", [2, 3])
def test_functional_models_are_chains_whatever_their_order(keras, tmp_path):
    layers, x = stack(), inputs(2, 9, 3)
    shuffled = chained(layers, keras=keras)[::-1]
    imported = import_keras(write_h5(tmp_path / "net.h5", shuffled, "Functional"))
    np.testing.assert_allclose(
        run_float(imported.network, x).outputs, forward(layers, x), rtol=0, atol=1e-12
    )


def test_biases_may_be_absent(tmp_path):
    layers = [layer("GRU", 3, 4, use_bias=False), layer("Dense", 4, 2, use_bias=False)]
    network = import_keras(write_zip(tmp_path / "net.keras", layers)).network
    assert not any(one.bias.any() for one in network.layers)


def test_the_last_step_a_softmax_and_a_state_are_noted(tmp_path):
    layers = [
        layer("LSTM", 3, 4, return_sequences=False, stateful=True),
        layer("Dense", 4, 2, activation="softmax"),
    ]
    imported = import_keras(write_h5(tmp_path / "net.h5", layers))
    assert (imported.reads, imported.final) == ("last", "softmax")
    assert len(imported.notes) == 2


def test_a_mean_over_time_is_read(tmp_path):
    layers = [layer("GRU", 3, 4), layer_of("GlobalAveragePooling1D", "mean"), layer("Dense", 4, 2)]
    assert import_keras(write_h5(tmp_path / "net.h5", layers)).reads == "mean"
    layers[2]["config"]["activation"] = "relu"
    with pytest.raises(ValueError, match="dense has a function behind the mean of all steps"):
        import_keras(write_h5(tmp_path / "net.h5", layers))
    relu = layer_of("Activation", "act", activation="relu")
    with pytest.raises(ValueError, match="act has a function behind the mean of all steps"):
        import_keras(
            write_h5(tmp_path / "net.h5", [layers[0], layer("Dense", 4, 2), layers[1], relu])
        )
    layers = [*layers[:2], layer("LSTM", 4, 2)]
    with pytest.raises(ValueError, match="lstm stands behind the mean of all steps"):
        import_keras(write_h5(tmp_path / "net.h5", layers))


def test_wrapped_and_separate_activations_are_read(tmp_path):
    dense = layer("Dense", 4, 5)
    wrapped = layer_of("TimeDistributed", "td", layer={"class_name": "Dense",
                                                       "config": dense["config"]})  # fmt: skip
    layers = [layer("GRU", 3, 4), wrapped | {"weights": dense["weights"]},
              layer_of("Activation", "act", activation="tanh")]  # fmt: skip
    imported = import_keras(write_zip(tmp_path / "net.keras", layers))
    assert [one.kind for one in imported.network.layers] == ["gru", "linear_tanh"]
    layers = [layer("SimpleRNN", 3, 4, activation="relu"), layer_of("ReLU", "r")]
    imported = import_keras(write_h5(tmp_path / "net.h5", layers))
    assert [one.kind for one in imported.network.layers] == ["rnn_relu", "linear_relu"]


def object_of(kind, **config):
    """A layer as another one's activation."""
    return {"class_name": kind, "config": {"name": "f"} | config}


@pytest.mark.parametrize("axis", [-1, 2, [-1], None])
def test_a_softmax_over_the_outputs_is_left_out(tmp_path, axis):
    last = axis is None  # one step is left, whose outputs are axis 1
    softmax = layer_of("Softmax", "s", axis=1 if last else axis)
    layers = [layer("GRU", 3, 4, return_sequences=not last), softmax]
    assert import_keras(write_zip(tmp_path / "net.keras", layers)).final == "softmax"
    plain = [layer("Dense", 3, 4, activation=object_of("ReLU", max_value=None, threshold=0.0))]
    made = import_keras(write_zip(tmp_path / "b.keras", plain))
    assert [one.kind for one in made.network.layers] == ["linear_relu"]


@pytest.mark.parametrize(
    ("layers", "text"),
    [
        ([layer("GRU", 3, 4, reset_after=False)], "gru is reset-before .*reset_after=True"),
        ([layer("GRU", 3, 4, reset_after=None)], "gru is reset-before"),
        ([layer("GRU", 3, 4, recurrent_activation="hard_sigmoid")],
         "recurrent_activation hard_sigmoid .a piecewise linear function, not sigmoid."),
        ([layer("LSTM", 3, 4, recurrent_activation=None)], "recurrent_activation not said"),
        ([layer("LSTM", 3, 4, activation="relu")], "has the activation relu, and .*LSTM has tanh"),
        ([layer("SimpleRNN", 3, 4, activation="elu")], "SimpleRNN takes tanh or relu"),
        ([layer("LSTM", 3, 4, go_backwards=True)], "lstm has go_backwards"),
        ([layer_of("Bidirectional", "both", layer={})], "both is bidirectional"),
        ([layer("Dense", 3, 4, activation="gelu")], "dense has the activation gelu; linear, relu"),
        ([layer("Dense", 3, 4, activation="softmax"), layer("Dense", 4, 4, name="b")],
         "A softmax stands before b"),
        ([layer("GRU", 3, 4, return_sequences=False), layer("GRU", 4, 4, name="b")],
         "b stands behind the last of all steps"),
        ([layer("GRU", 3, 4), layer_of("Conv1D", "conv")], "conv is a Conv1D; GRU, LSTM"),
        ([layer_of("ReLU", "r")], "r is a ReLU"),
        ([layer("GRU", 3, 4), layer_of("ReLU", "r", max_value=6)],
         "r has the activation relu with a limit, slope or threshold; linear, relu"),
        ([layer("Dense", 3, 4, activation=object_of("ReLU", max_value=6))],
         "dense has the activation relu with a limit"),
        ([layer("GRU", 3, 4), layer_of("Softmax", "s", axis=1)],
         "s has the activation softmax over axis 1, which does not keep the order of outputs"),
        ([layer("GRU", 3, 4), layer_of("Softmax", "s", axis=[1, 2])],
         r"softmax over axis \[1, 2\]"),
        ([layer("Dense", 3, 4, activation=object_of("Softmax", axis=1))], "softmax over axis 1"),
        ([layer("GRU", 3, 4), layer_of("TimeDistributed", "td", layer=layer_of("GRU", "g"))],
         "td runs a GRU within every step"),
        ([layer("GRU", 3, 4) | {"weights": []}], "gru must have 3 weights"),
        ([layer("LSTM", 3, 4) | {"weights": layer("GRU", 3, 4)["weights"]}],
         r"lstm must have a weight of shape \(3, 16\), not \(3, 12\)"),
        ([], "has 1 to 8 layers, not 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_reason(layers, text, tmp_path):
    for write, suffix in ((write_h5, ".h5"), (write_zip, ".keras")):
        path = write(tmp_path / f"net{suffix}", layers)
        with pytest.raises(ValueError, match=text):
            import_keras(path)


def test_models_that_branch_are_refused(tmp_path):
    layers = chained([layer("GRU", 3, 4, name="a"), layer("GRU", 3, 4, name="b")])
    layers[2]["inbound_nodes"] = layers[1]["inbound_nodes"]
    with pytest.raises(ValueError, match="it branches"):
        import_keras(write_h5(tmp_path / "net.h5", layers, "Functional"))
    layers[2]["inbound_nodes"] = [[["x", 0, 0, {}], ["a", 0, 0, {}]]]
    with pytest.raises(ValueError, match="b has several inputs or uses"):
        import_keras(write_h5(tmp_path / "net.h5", layers, "Functional"))


def test_damaged_and_other_files_are_refused(tmp_path):
    path = write_zip(tmp_path / "net.keras", stack())
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"net\.keras cannot be read as a Keras model"):
        import_keras(path)
    with pytest.raises(ValueError, match="whose layers are not written down"):
        import_keras(write_h5(tmp_path / "net.h5", stack(), "MyModel"))
    import h5py

    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_group("model_weights")
    with pytest.raises(ValueError, match="weights without their model"):
        import_keras(tmp_path / "w.h5")
    with pytest.raises(FileNotFoundError):
        import_keras(tmp_path / "absent.h5")
