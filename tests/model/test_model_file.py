"""Model files give back the integers that went in."""

import json
from dataclasses import replace

import numpy as np
import pytest
from cli_cases import small_network

from thresh.model.description import Description, ImageDescription
from thresh.model.input_scaling import InputScaling
from thresh.model.model_file import (
    assemble,
    description_of,
    load_network,
    save_network,
    tensors_of,
)
from thresh.model.network import MAX_LAYERS


def test_arrays_in_any_memory_order_come_back(tmp_path):
    network = small_network()
    layers = tuple(
        replace(layer, weight_x=np.asfortranarray(layer.weight_x), bias=layer.bias[:, ::-1])
        for layer in network.layers
    )
    turned = replace(network, layers=layers)
    assert not turned.layers[1].weight_x.astype(np.int8).flags.c_contiguous
    save_network(turned, tmp_path / "net.safetensors")
    assert load_network(tmp_path / "net.safetensors") == turned


def written(network) -> dict:
    return json.loads(description_of(network))


def reading(description: dict, network):
    return assemble(json.dumps(description), tensors_of(network), "net")


SCALING = InputScaling(offsets=(0.5, -1e-3, 20.0, 0.0, 0.0), scales=(1.0, 250.0, 1 / 3, 1.0, 1.0))


def test_an_input_scaling_comes_back_and_raises_the_version(tmp_path):
    plain = small_network()
    scaled = replace(plain, scaling=SCALING)
    assert written(plain)["version"] == 2
    assert written(scaled)["version"] == 3
    save_network(scaled, tmp_path / "net.safetensors")
    assert load_network(tmp_path / "net.safetensors") == scaled
    assert load_network(tmp_path / "net.safetensors") != plain


def test_inputs_are_scaled_rounded_and_clipped():
    network = replace(small_network(), scaling=SCALING)
    unit = 2.0 ** network.layers[0].x_frac
    x = np.array([[0.5, 0.001, 20.0, 0, 0], [0.5 + 2.6 / unit, 1e6, 23.0, 0, 0]])
    expected = [[0, round(0.5 * unit), 0, 0, 0], [3, 32767, round(unit), 0, 0]]
    assert network.input_integers(x).tolist() == expected


@pytest.mark.parametrize(
    ("offsets", "scales", "sentence"),
    [
        ((0.0,) * 3, (1.0,) * 2, "as many offsets as scales, not 3 and 2"),
        ((0.0,) * 2, (1.0, 0.0), "must be above 0, but that of input 1 is 0.0"),
        ((0.0, np.nan), (1.0, 1.0), "must be finite, but that of input 1 is nan"),
    ],
)
def test_scalings_that_are_none_are_refused(offsets, scales, sentence):
    with pytest.raises(ValueError, match=sentence):
        InputScaling(offsets=offsets, scales=scales)


def test_a_scaling_serves_every_input():
    with pytest.raises(ValueError, match="must serve the 5 inputs, not 1"):
        replace(small_network(), scaling=InputScaling(offsets=(0.0,), scales=(1.0,)))


def test_a_front_end_writes_inputs_as_the_first_layer_hears_them():
    network = small_network()
    frac = network.layers[0].x_frac
    assert replace(network, front_end={"x_frac": frac}).front_end == {"x_frac": frac}
    said = f"x_frac of the front end must be {frac} as layer 0 hears it, not {frac - 1}"
    with pytest.raises(ValueError, match=said):
        replace(network, front_end={"x_frac": frac - 1})


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("layers", 0, "x_frac"), 10**30, "layers.0.x_frac: .* less than or equal to 128"),
        (("layers", 0, "x_frac"), "12", "layers.0.x_frac: .*valid integer, not '12'"),
        (("layers", 0, "threshold_x"), 0.5, "layers.0.threshold_x: .*integer, not 0.5"),
        (("layers", 0, "threshold_h"), True, "layers.0.threshold_h: .*integer, not True"),
        (("layers",), [], "layers: .*at least 1"),
        (("layers", 0), "gru", "layers.0: .*not 'gru'"),
        (("classes",), "no", "classes: .*valid list, not 'no'"),
        (("name",), None, "name: .*valid string, not None"),
        (("scaling",), {"offsets": [0.0], "scales": ["1"]}, r"scaling.scales.0: .*not '1'"),
        (("later",), 1, "the field 'later' is not known"),
        (("version",), 4, "format must be thresh-network version 2 or 3, not .* version 4"),
    ],
)
def test_fields_that_are_not_of_their_type_are_refused(place, value, sentence):
    network = small_network()
    description = inner = written(network)
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(ValueError, match=f"^net is not a valid network: .*{sentence}") as caught:
        reading(description, network)
    assert len(str(caught.value)) <= 300


def test_what_the_readers_of_others_would_choke_on_is_refused():
    network = small_network()
    for text in ("[" * 100_000, '{"notes": NaN}', "[]", "7", '{"format": {"a": 1}}'):
        with pytest.raises(ValueError, match="net is not a valid network"):
            assemble(text, tensors_of(network), "net")
    with pytest.raises(ValueError, match=r"net lacks the tensor 'layers\.0\.weight_x'"):
        assemble(description_of(network), {}, "net")


@pytest.mark.parametrize(
    ("fields", "most"), [(Description, MAX_LAYERS + 1), (ImageDescription, MAX_LAYERS)]
)
def test_as_many_layers_are_described_as_a_network_has(fields, most):
    (limit,) = (
        one.max_length
        for one in fields.model_fields["layers"].metadata
        if hasattr(one, "max_length")
    )
    assert limit == most
    layer = written(small_network())["layers"][0]
    description = written(small_network()) | {"layers": [layer] * (MAX_LAYERS + 2)}
    with pytest.raises(ValueError, match=f"layers: .*at most {MAX_LAYERS + 1} items"):
        reading(description, small_network())
