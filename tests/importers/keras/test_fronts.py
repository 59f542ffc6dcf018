"""Keras layers in front: affine maps are taken up, tables are one-hot inputs, others refused."""

import numpy as np
import pytest

h5py = pytest.importorskip("h5py", reason="the extra [keras] is not installed")

from import_cases import inputs  # noqa: E402
from keras_cases import layer, layer_of, write_h5, write_zip  # noqa: E402

from thresh.importers.hdf5 import refuse_endless  # noqa: E402
from thresh.importers.keras.network import import_keras  # noqa: E402
from thresh.model.float_run import run_float  # noqa: E402

SIZE = 4
RANDOM = np.random.default_rng(7)
VECTORS = [RANDOM.uniform(0.5, 2, SIZE).astype(np.float32) for _ in range(4)]
GAMMA, BETA, MEAN, VARIANCE = VECTORS
REST = [layer("GRU", SIZE, 5, seed=1), layer("Dense", 5, 3, seed=2)]


def front(kind, weights=(), **config):
    return layer_of(kind, kind.lower(), **config) | {"weights": list(weights)}


def normalised(x):
    return (x - MEAN) / np.sqrt(VARIANCE.astype(float) + 1e-3)


FRONTS = {
    "Normalization of its settings": (
        front("Normalization", axis=[-1], mean=MEAN.tolist(), variance=VARIANCE.tolist()),
        lambda x: (x - MEAN) / np.sqrt(VARIANCE.astype(float)),
    ),
    "Normalization of one number": (
        front("Normalization", axis=None, mean=2.0, variance=9.0), lambda x: (x - 2) / 3,
    ),
    "Normalization that goes back": (
        front("Normalization", axis=-1, mean=2.0, variance=9.0, invert=True), lambda x: x * 3 + 2,
    ),
    "Rescaling": (front("Rescaling", scale=1 / 255, offset=-0.5), lambda x: x / 255 - 0.5),
    "BatchNormalization": (
        front("BatchNormalization", VECTORS, axis=-1, epsilon=1e-3),
        lambda x: normalised(x) * GAMMA + BETA,
    ),
    "BatchNormalization without gamma": (
        front("BatchNormalization", VECTORS[1:], axis=[2], epsilon=1e-3, scale=False),
        lambda x: normalised(x) + BETA,
    ),
    "BatchNormalization without either": (
        front("BatchNormalization", VECTORS[2:], axis=-1, epsilon=1e-3, scale=False, center=False),
        normalised,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FRONTS)
def test_affine_fronts_are_taken_up_by_the_first_layer(tmp_path, name):
    one, function = FRONTS[name]
    made = import_keras(write_zip(tmp_path / "net.keras", [one, *REST]))
    plain = import_keras(write_zip(tmp_path / "plain.keras", REST)).network
    x = inputs(2, 6, SIZE)
    wanted = run_float(plain, function(x)).outputs
    np.testing.assert_allclose(run_float(made.network, x).outputs, wanted, rtol=0, atol=1e-9)
    assert len(made.network.layers) == 2
    assert "is taken up by the weights" in made.notes[0]


def test_a_map_behind_a_layer_is_taken_up_where_it_can_be(tmp_path):
    rescaling = front("Rescaling", scale=2.0, offset=1.0)
    x = inputs(2, 6, SIZE)
    plain = run_float(import_keras(write_zip(tmp_path / "p.keras", REST)).network, x).outputs
    made = import_keras(write_zip(tmp_path / "a.keras", [*REST, rescaling])).network
    np.testing.assert_allclose(run_float(made, x).outputs, plain * 2 + 1, rtol=0, atol=1e-12)
    assert len(made.layers) == 2
    gru = run_float(import_keras(write_zip(tmp_path / "g.keras", REST[:1])).network, x).outputs
    made = import_keras(write_zip(tmp_path / "b.keras", [REST[0], rescaling]))
    outputs = run_float(made.network, x).outputs
    np.testing.assert_allclose(outputs, gru * 2 + 1, rtol=0, atol=1e-12)
    assert "takes a linear layer of its own" in made.notes[-1]


def test_a_table_is_one_hot_inputs_of_the_first_layer(tmp_path):
    rows = RANDOM.normal(size=(9, SIZE)).astype(np.float32)
    table = front("Embedding", [rows], input_dim=9, output_dim=SIZE, mask_zero=False)
    made = import_keras(write_zip(tmp_path / "net.keras", [table, *REST]))
    plain = import_keras(write_zip(tmp_path / "p.keras", REST)).network
    tokens = RANDOM.integers(0, 9, (2, 6))
    wanted = run_float(plain, rows[tokens].astype(float)).outputs
    outputs = run_float(made.network, np.eye(9)[tokens]).outputs
    np.testing.assert_allclose(outputs, wanted, rtol=0, atol=1e-12)
    assert (made.tokens, made.network.inputs) == (9, 9)


BEHIND = {
    "BatchNormalization": (FRONTS["BatchNormalization"],),
    "Rescaling": (FRONTS["Rescaling"],),
    "ReLU": ((front("ReLU"), lambda x: np.maximum(x, 0)),),
    "a map, a function and a map": (
        FRONTS["BatchNormalization"], (front("Activation", activation="tanh"), np.tanh),
        FRONTS["Rescaling"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BEHIND)
@pytest.mark.parametrize("rest", [REST, REST[1:], []], ids=["GRU", "Dense", "nothing"])
def test_what_follows_a_table_is_kept(tmp_path, name, rest):
    rows = RANDOM.normal(size=(9, SIZE)).astype(np.float32)
    rest = [layer("Dense", SIZE, 3, seed=2)] if rest == REST[1:] else rest
    table = front("Embedding", [rows], input_dim=9, output_dim=SIZE, mask_zero=False)
    made = import_keras(
        write_zip(tmp_path / "net.keras", [table, *(one for one, _ in BEHIND[name]), *rest])
    )
    tokens = RANDOM.integers(0, 9, (2, 6))
    wanted = rows[tokens].astype(float)
    for _, function in BEHIND[name]:
        wanted = function(wanted)
    if rest:
        plain = import_keras(write_zip(tmp_path / "p.keras", rest)).network
        wanted = run_float(plain, wanted).outputs
    outputs = run_float(made.network, np.eye(9)[tokens]).outputs
    np.testing.assert_allclose(outputs, wanted, rtol=0, atol=1e-9)
    assert not rest or len(made.network.layers) == len(rest)


def test_a_layer_that_does_not_fit_a_table_is_refused(tmp_path):
    table = front("Embedding", [np.zeros((9, SIZE + 1), np.float32)])
    with pytest.raises(ValueError, match="gru must have 5 inputs as layer 0 embedding has units"):
        import_keras(write_zip(tmp_path / "net.keras", [table, *REST]))


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([front("LayerNormalization", VECTORS[:2])], "scales each step by what is in that step"),
        ([front("BatchNormalization", VECTORS, axis=1)], "works along axis 1"),
        ([front("BatchNormalization", VECTORS[:2])], "must have 4 weights, not 2"),
        ([front("Normalization", axis=-1)], "was not adapted"),
        ([front("Rescaling", scale="2")], "scale of rescaling must be numbers"),
        ([front("Rescaling", scale=[1.0, 2.0, 3.0])], "has 4 values, and 3 are scaled before it"),
        ([front("Embedding", [np.zeros((9, SIZE))], mask_zero=True)], "without mask_zero"),
        ([front("Embedding", [np.zeros((5000, SIZE))])], "5000 entries, and a network has at most"),
    ],
)
def test_fronts_that_cannot_be_are_refused_with_the_reason(tmp_path, layers, sentence):
    with pytest.raises(ValueError, match=sentence):
        import_keras(write_zip(tmp_path / "net.keras", [*layers, *REST]))


def test_weights_in_other_files_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(range(256)) * 10)
    path = write_h5(tmp_path / "net.h5", REST)
    with h5py.File(path, "r+") as file:
        name = "model_weights/gru/gru/cell/kernel:0"
        shape = file[name].shape
        del file[name]
        file.create_dataset(name, shape, "<f4", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])
    with pytest.raises(ValueError, match="kernel:0 lies in another file, which is not read"):
        import_keras(path)
    with h5py.File(path, "r+") as file:
        del file[name]
        file[name] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/x")
    with pytest.raises(ValueError, match="is a link to elsewhere, which is not followed"):
        import_keras(path)


def test_arrays_that_say_more_than_the_file_holds_are_refused(tmp_path):
    path = write_h5(tmp_path / "net.h5", REST)
    with h5py.File(path, "r+") as file:
        name = "model_weights/gru/gru/cell/kernel:0"
        del file[name]
        file.create_dataset(name, (1 << 20, 1 << 12), "<f4", chunks=True, compression="gzip")
    with pytest.raises(ValueError, match=r"more than the .* that are read of a file of this size"):
        import_keras(path)


def test_a_heap_that_would_be_read_for_ever_is_refused(tmp_path):
    path = write_h5(tmp_path / "net.h5", REST)
    data = bytearray(path.read_bytes())
    at = data.index(b"GCOL")
    assert import_keras(path).network.inputs == SIZE
    place = at + 16
    while int.from_bytes(data[place : place + 2], "little"):
        place += 16 + (int.from_bytes(data[place + 8 : place + 16], "little") + 7) // 8 * 8
    data[place + 8 : place + 16] = bytes(8)
    path.write_bytes(data)
    with pytest.raises(ValueError, match=rf"its heap of texts at byte {at} is damaged"):
        import_keras(path)


def test_layers_share_what_a_file_may_unpack_to(tmp_path):
    path = write_h5(tmp_path / "net.h5", REST)
    with h5py.File(path, "r+") as file:
        group = file["model_weights/gru/gru/cell"]
        for name in ("kernel:0", "recurrent_kernel:0"):
            del group[name]
            group.create_dataset(name, (3000, 4000), "<f4", chunks=True, compression="gzip")
    with pytest.raises(ValueError, match=r"recurrent_kernel:0 would unpack to 48,000,000 bytes"):
        import_keras(path)


def test_bfloat16_weights_are_read(tmp_path):
    exact = [np.round(array * 64) / 64 for array in REST[0]["weights"]]
    plain = import_keras(write_zip(tmp_path / "a.keras", [REST[0] | {"weights": exact}])).network
    halves = [(a.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).view("V2")
              for a in exact]  # fmt: skip
    made = import_keras(write_zip(tmp_path / "b.keras", [REST[0] | {"weights": halves}])).network
    np.testing.assert_array_equal(made.layers[0].weight_x, plain.layers[0].weight_x)
    np.testing.assert_array_equal(made.layers[0].bias, plain.layers[0].bias)


def test_quantised_weights_name_the_way(tmp_path):
    eight = [REST[1]["weights"][0].astype(np.int8), *REST[1]["weights"][1:], np.ones(3)]
    with pytest.raises(ValueError, match="int8 weights that Keras quantised: import the float"):
        import_keras(write_zip(tmp_path / "a.keras", [REST[0], REST[1] | {"weights": eight}]))


def test_a_text_that_says_more_than_its_heap_holds_is_refused(tmp_path):
    path = tmp_path / "texts.h5"
    with h5py.File(path, "w") as file:
        file["texts"] = np.array([b"one", b"three"], h5py.string_dtype())
        at = file["texts"].id.get_offset() + 16
    data = bytearray(path.read_bytes())
    refuse_endless(bytes(data))
    data[at : at + 4] = bytes([5, 0, 255, 255])
    with pytest.raises(ValueError, match=rf"a text at byte {at} says 4,294,901,765 letters"):
        refuse_endless(bytes(data))
