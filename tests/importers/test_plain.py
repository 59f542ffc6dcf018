"""Plain arrays come back as they went."""

import json

import numpy as np
import pytest
from cli_cases import small_network
from import_cases import float_network

from thresh.importers.plain import read_plain, write_plain


def same(a, b):
    """Every tensor and kind is equal."""
    return len(a.layers) == len(b.layers) and all(
        one.kind == other.kind
        and all(
            np.array_equal(getattr(one, name), getattr(other, name))
            for name in ("weight_x", "weight_h", "bias")
        )
        for one, other in zip(a.layers, b.layers, strict=True)
    )


def test_float_networks_of_every_kind_come_back_from_npz(tmp_path):
    network = float_network("gru", "lstm", "linear_relu", "rnn_tanh", "li_gru", "min_gru", "linear")
    write_plain(network, tmp_path / "net.npz")
    assert same(read_plain(tmp_path / "net.npz"), network)


def test_integer_networks_come_back_from_npz(tmp_path):
    network = small_network(audio=True)
    write_plain(network, tmp_path / "net.npz")
    assert read_plain(tmp_path / "net.npz") == network


@pytest.mark.parametrize("name", ["net.json", "NET.JSON"])
def test_json_is_read_with_and_without_a_recurrent_weight(tmp_path, name):
    network = float_network("gru", "linear")
    layers = [
        {
            name: getattr(layer, name) if name == "kind" else getattr(layer, name).tolist()
            for name in ("kind", "weight_x", "weight_h", "bias")
        }
        for layer in network.layers
    ]
    del layers[1]["weight_h"]
    (tmp_path / name).write_text(json.dumps({"layers": layers}))
    assert same(read_plain(tmp_path / name), network)


def fields(**changes):
    """One linear layer's fields."""
    made = {"kind": "linear", "weight_x": np.ones((1, 2, 3)), "bias": np.zeros((1, 2))}
    return {name: value for name, value in (made | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kind": "conv"}, "'conv' is not supported"),
        ({"kind": "gru"}, "layer 0 lacks weight_h"),
        ({"bias": None}, "layer 0 lacks bias"),
        ({"weights": np.ones(3)}, "must hold layers.N.{kind,weight_x,weight_h,bias}, not"),
        ({"weight_x": np.full((1, 2, 3), np.nan)}, "layer 0: weight_x must be finite"),
        ({"weight_x": np.full((1, 2, 3), "a")}, "layer 0: weight_x must be an array of numbers"),
    ],
)
def test_fields_that_are_wrong_are_refused(tmp_path, changes, text):
    arrays = {f"layers.0.{name}": value for name, value in fields(**changes).items()}
    np.savez(tmp_path / "net.npz", **arrays)
    with pytest.raises(ValueError, match=text):
        read_plain(tmp_path / "net.npz")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not valid JSON"),
        ("[]", "must hold"),
        ('{"layers": [3]}', "must hold"),
        ('{"layers": []}', "has 1 to 8 layers, not 0"),
        ('{"layers": [{"kind": "linear", "weight_x": [[[1], [1, 2]]], "bias": [[0]]}]}',
         "weight_x must be an array of numbers"),
        ('{"layers": [{"kind": "linear", "weight_x": [[[1]]], "bias": [[0]], "gain": 1}]}',
         "not gain"),
    ],
)  # fmt: skip
def test_json_that_is_no_network_is_refused(tmp_path, text, reason):
    (tmp_path / "net.json").write_text(text)
    with pytest.raises(ValueError, match=reason):
        read_plain(tmp_path / "net.json")


def test_damaged_files_and_holes_are_refused(tmp_path):
    path = tmp_path / "net.npz"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ValueError, match=r"is not a whole NumPy file"):
        read_plain(path)
    np.save(tmp_path / "one.npy", np.zeros(3))
    (tmp_path / "one.npy").rename(path)
    with pytest.raises(ValueError, match="one array without a name"):
        read_plain(path)
    np.savez(path, **{f"layers.2.{name}": value for name, value in fields().items()})
    with pytest.raises(ValueError, match="layer 0 lacks kind"):
        read_plain(path)


def test_damage_inside_an_archive_is_said_briefly(tmp_path):
    path = tmp_path / "net.npz"
    write_plain(float_network("gru"), path)
    data, said = path.read_bytes(), []
    for place in range(30, len(data) - 40, 41):
        path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
        try:
            read_plain(path)  # a date may be damaged without harm
        except ValueError as error:
            said.append(str(error))
    assert len(said) > 20
    assert all("\n" not in text and len(text) < 400 for text in said)
