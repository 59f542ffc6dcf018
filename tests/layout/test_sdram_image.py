import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from link_bench import network, pruned

from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image, parse_image
from thresh.layout.layer_table import COLUMN_WORDS
from thresh.layout.memories import read_map
from thresh.layout.placement import measure
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.layout.sdram_image import build_sdram_image

SHAPE = Geometry(
    columns="sdram",
    sparse=True,
    lanes=16,
    pointwise_lanes=2,
    weight_depth=256,
    accumulator_depth=1024,
    state_depth=512,
    value_depth=512,
)


def test_a_column_holds_what_one_event_is_multiplied_with():
    net = network(5, 20, kinds=("gru",))
    image = build_sdram_image(net, SHAPE, ULX3S_SDRAM)
    layer = net.layers[0]
    # 20 hidden columns, then 5 of inputs; 2 blocks of 16 units, 3 passes each.
    columns = image.columns[: 25 * 48].view(np.int8).reshape(25, 2, 3, 16)
    gates = {"hidden": (0, 2, 1), "inputs": (0, 1, 2)}
    for number, (gate_h, gate_x) in enumerate(zip(*gates.values(), strict=True)):
        h = columns[:20, :, number].reshape(20, 32)
        x = columns[20:, :, number].reshape(5, 32)
        np.testing.assert_array_equal(h[:, :20], layer.weight_h[gate_h].T)
        np.testing.assert_array_equal(x[:, :20], layer.weight_x[gate_x].T)
        assert not h[:, 20:].any()
        assert not x[:, 20:].any()


def test_layers_start_at_rows_and_the_table_says_where():
    net = network(5, 20, 33, 7, kinds=("gru", "lstm", "linear"))
    image = build_sdram_image(net, SHAPE, ULX3S_SDRAM)
    assert [layer.weight_base for layer in image.placement.layers] == [0, 3, 13]
    assert list(image.table[:3, COLUMN_WORDS]) == [6, 12, 1]
    assert len(image.columns) % 512 == 0
    assert read_map(image.table, image.header, SHAPE) == image.placement
    assert measure(net, SHAPE).weight_words == len(image.weights) == image.placement.weight_words


def test_only_the_weights_base_differs_from_an_image_on_the_chip():
    net = network(5, 20, 3)
    streamed = build_sdram_image(net, SHAPE, ULX3S_SDRAM)
    whole = build_image(net, replace(SHAPE, columns="chip", sparse=False, weight_depth=2048))
    np.testing.assert_array_equal(streamed.weights, whole.weights[whole.placement.bias_base :])
    assert streamed.header[2] == 0
    differs = np.argwhere(streamed.table != whole.table)
    assert set(map(tuple, differs)) <= {(0, 4), (1, 4), (0, 7), (1, 7)}


def test_networks_and_accelerators_that_do_not_fit_are_refused():
    net = network(5, 20, kinds=("gru",))
    with pytest.raises(ValueError, match="columns must be in sdram, not 'chip'"):
        build_sdram_image(net, replace(SHAPE, columns="chip"), ULX3S_SDRAM)
    with pytest.raises(ValueError, match="Sparse columns need an accelerator for sparse columns"):
        build_sdram_image(net, replace(SHAPE, sparse=False), ULX3S_SDRAM, sparse=True)
    with pytest.raises(ValueError, match="does not fit the SDRAM: it needs 1536 words"):
        build_sdram_image(net, SHAPE, replace(ULX3S_SDRAM, row_bits=0, bank_bits=1))
    with pytest.raises(ValueError, match="does not fit the weight memory: it needs 32 "):
        build_sdram_image(net, replace(SHAPE, weight_depth=32), ULX3S_SDRAM)


@pytest.mark.parametrize(
    ("bits", "zeros", "sparse"), [(8, 0, False), (4, 0, False), (8, 0.9, None), (4, 0.9, None)]
)
def test_a_file_holds_the_columns_and_every_integer_comes_back(bits, zeros, sparse):
    net = network(
        5, 40, 33, 20, 7, kinds=("gru", "lstm", "rnn_tanh", "linear"), shift=11, weight_bits=bits
    )
    net = pruned(net, zeros) if zeros else net
    shape = replace(SHAPE, lanes=128 // bits, pointwise_lanes=16 // bits, weight_bits=bits,
                    weight_depth=512)  # fmt: skip
    image = build_sdram_image(net, shape, ULX3S_SDRAM, sparse)
    read = parse_image(image.to_bytes())
    assert any(layer.sparse for layer in image.placement.layers) == bool(zeros)
    assert (read.network, read.placement) == (net, image.placement)
    np.testing.assert_array_equal(read.columns, image.columns)
    assert (read.hash, read.to_bytes()) == (image.hash, image.to_bytes())


def sealed(data, change):
    """A file with another body and a good CRC-32."""
    (text,) = struct.unpack_from("<I", data, 8)
    stored = change(bytearray(data[16 + text : -4]))
    data = data[:12] + struct.pack("<I", len(stored)) + data[16 : 16 + text] + bytes(stored)
    return data + struct.pack("<I", zlib.crc32(data))


@pytest.mark.parametrize("zeros", [0, 0.9])
@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:-1024],
        lambda body: body[:-1],
        lambda body: body[: len(body) // 2],
        lambda body: body + bytes(1024),
        lambda body: body[:-2000] + b"\xff" * 2000,
        lambda body: body[:14] + bytes(2) + body[16:],
    ],
)
def test_columns_that_are_none_are_refused(zeros, change):
    net = network(5, 40, kinds=("gru",))
    image = build_sdram_image(pruned(net, zeros) if zeros else net, SHAPE, ULX3S_SDRAM)
    with pytest.raises(ValueError, match="inconsistent"):
        parse_image(sealed(image.to_bytes(), change))
