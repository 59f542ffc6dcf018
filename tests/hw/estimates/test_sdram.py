"""What columns from an SDRAM cost, before anything is built."""

import json

import numpy as np
import pytest
from run_text import ROOT

from thresh.hw.estimates.board_geometry import board_geometry, sdram_geometry
from thresh.hw.estimates.fit import estimate_fit
from thresh.hw.estimates.sdram import PINS_USED, estimate_sdram
from thresh.hw.known_boards import BOARDS
from thresh.layout.sdram_image import build_sdram_image
from thresh.model.model_file import load_network
from thresh.performance.activity import Activity
from thresh.sim.golden import GoldenModel

BOARD = BOARDS["ulx3s-85f"]


@pytest.fixture(scope="module")
def digits():
    return load_network(ROOT / "examples" / "digits-gru128.safetensors")


def test_the_share_of_the_pins_is_the_least_that_was_measured():
    rows = json.loads((ROOT / "docs" / "results" / "streamed.json").read_text())
    measured = {row["activity"]: row["bandwidth_used"] for row in rows if row["weight_bits"] == 8}
    assert int(100 * min(measured.values())) / 100 == PINS_USED
    assert min(measured) == 0.03


def test_weights_of_4_bits_took_half_the_words():
    rows = json.loads((ROOT / "docs" / "results" / "streamed.json").read_text())
    words = {(row["weight_bits"], row["activity"]): row["words"] for row in rows}
    halves = [activity for bits, activity in words if bits == 4]
    assert halves
    for activity in halves:
        assert 2 * words[4, activity] == words[8, activity]


@pytest.mark.parametrize("sparse", [False, True])
def test_every_event_fetches_the_column_of_its_value(digits, sparse):
    geometry = sdram_geometry(digits, sparse=sparse)
    found = estimate_sdram(digits, BOARD, geometry)
    image = build_sdram_image(digits, geometry, BOARD.sdram)
    assert found.sdram_bytes == image.columns.nbytes
    assert found.words["mean"] is found.frames_per_second["mean"] is found.source is None
    # Each column once: all of them but the words that fill a layer's last row.
    columns = [
        8 * layer.bursts * (own.hidden + own.inputs)
        for layer, own in zip(image.placement.layers, digits.layers, strict=True)
    ]
    assert found.words["worst"] == sum(columns)
    assert 0 <= image.columns.size - sum(columns) < 512 * len(columns)
    assert found.frames_per_second["worst"] == BOARD.clock_hz / sum(columns)


def test_the_mean_follows_the_activity(digits):
    geometry = sdram_geometry(digits)
    half = estimate_sdram(digits, BOARD, geometry, 0.5)
    assert half.words["mean"] == half.words["worst"] / 2
    x = np.zeros((1, 3, digits.inputs), int)
    x[0, 1] = 20_000
    trace = GoldenModel(digits).run(x)
    (inputs,), (layer, *_) = trace.fired_x[0, 1:2], digits.layers
    step = (0, int(inputs)), *(None for _ in digits.layers[1:])
    measured = estimate_sdram(digits, BOARD, geometry, Activity(source="one step", steps=(step,)))
    words = build_sdram_image(digits, geometry, BOARD.sdram).placement.layers[0].bursts * 8
    assert measured.words["mean"] == words * inputs
    assert measured.source == "one step"
    assert layer.inputs == inputs


def test_an_activity_is_a_share(digits):
    with pytest.raises(ValueError, match="An activity must be 0 to 1, not 2"):
        estimate_sdram(digits, BOARD, sdram_geometry(digits), 2)


def test_a_network_too_large_for_the_chip_is_told_of_the_sdram(digits):
    large = load_network(ROOT / "examples" / "letters-2xgru128.safetensors")
    small = BOARDS["ulx3s-12f"]
    geometry = board_geometry(small, network=large)
    advice = estimate_fit(large, small, geometry).advice
    assert advice.endswith(
        "use fewer units or layers, 4-bit weights, columns in its SDRAM or the board ulx3s-45f"
    )
    ice = BOARDS["icebreaker"]
    assert "SDRAM" not in (
        estimate_fit(large, ice, board_geometry(ice, network=large)).advice or ""
    )
