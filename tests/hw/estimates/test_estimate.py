"""What a network costs on a board, before anything is built."""

import json
from dataclasses import replace

import pytest
from cli_cases import small_network

from thresh.hw.estimates import resources
from thresh.hw.estimates.estimate import estimate
from thresh.hw.known_boards import BOARDS
from thresh.layout.geometry import Geometry
from thresh.model.readout import to_host
from thresh.performance.activity import Activity

BOARD = BOARDS["icebreaker"]


def test_full_activity_costs_the_worst_case():
    result = estimate(small_network(), BOARD, activity=1.0)
    assert result.cycles.mean == pytest.approx(result.cycles.worst, abs=1)
    assert result.frames_per_second["worst"] == BOARD.clock_hz / result.cycles.worst


def test_measured_steps_are_averaged():
    network = small_network()
    quiet, loud = (None, None), ((12, 5), (0, 12))
    costs = {
        name: estimate(network, BOARD, activity=Activity(source=name, steps=steps)).cycles
        for name, steps in {"quiet": (quiet,), "loud": (loud,), "both": (quiet, loud)}.items()
    }
    assert costs["both"].mean == (costs["quiet"].mean + costs["loud"].mean) / 2
    assert costs["both"].ideal == costs["loud"].ideal / 2
    assert costs["both"].source == "both"


def test_without_activity_only_the_worst_case_is_known():
    result = estimate(small_network(), BOARD)
    assert result.cycles.mean is None
    assert result.frames_per_second["mean"] is None
    assert result.real_time_factor is None


def test_real_time_is_the_front_ends():
    network = small_network(audio=True)
    result = estimate(network, BOARD, activity=0.1)
    frames = network.front_end["rate"] / network.front_end["hop"]
    assert result.real_time_factor["mean"] == result.frames_per_second["mean"] / frames


def test_is_json():
    data = json.loads(json.dumps(estimate(small_network(), BOARD, activity=0.1).to_dict()))
    assert data["fits"] is True
    assert data["cycles"]["worst"] > data["cycles"]["mean"] > data["cycles"]["ideal"]


def test_logic_is_the_sum_of_its_parts(monkeypatch):
    fitted = {"logic": {"ice40": {"ICESTORM_LC": {"constant": 1000, "lane": 50}}}, "fmax_mhz": {}}
    monkeypatch.setattr(resources, "load_coefficients", lambda: fitted)
    assert resources.predict_logic("ice40", BOARD.geometry) == {"ICESTORM_LC": 1400}
    assert resources.predict_logic("ecp5", BOARD.geometry) == {}


@pytest.mark.parametrize(("depth", "banks"), [(10240, 5), (16384, 1), (18432, 9)])
def test_choices_between_banks_grow_with_their_number(depth, banks):
    geometry = replace(BOARDS["ulx3s-85f"].geometry, weight_depth=depth)
    assert resources.features("ecp5", geometry)["bank_bit"] == 128 * (banks - 1)
    assert resources.features("ice40", geometry)["bank_bit"] == 0


def test_every_board_that_ships_has_its_logic_predicted():
    for board in BOARDS.values():
        needed = estimate(small_network(), board).fit.needs["logic"]
        assert 1000 < needed.needed <= needed.available, board.name


def test_memories_in_logic_are_part_of_a_gowin_device():
    board = BOARDS["tang-nano-20k"]
    deep = replace(board.geometry, state_depth=256)
    small, large = (
        resources.features("gowin", shape)["memory"] for shape in (deep, board.geometry)
    )
    assert small < large  # 256 words of state lie in block RAM
    assert "memory" not in resources.features("ecp5", board.geometry)


def test_too_much_logic_does_not_fit(monkeypatch):
    fitted = {"logic": {"ice40": {"ICESTORM_LC": {"lane": 700}}}, "fmax_mhz": {}}
    monkeypatch.setattr(resources, "load_coefficients", lambda: fitted)
    fit = estimate(small_network(), BOARD).fit
    assert fit.advice == (
        "The accelerator with 8 lanes needs about 5,600 of the 5,280 logic cells of icebreaker; "
        "use fewer lanes"
    )
    assert not fit.fits


def test_geometry_follows_the_lanes():
    board = BOARDS["ulx3s-85f"]
    slow = estimate(small_network(), board, replace(board.geometry, lanes=8, pointwise_lanes=1))
    assert slow.fit.lanes == 8


def test_the_link_carries_what_the_accelerator_answers_not_what_the_host_reads_out():
    network = to_host(small_network())
    rates = [
        estimate(net, BOARD).frames_per_second["link"]
        for net in (network, replace(network, readout=None))
    ]
    assert rates[0] == rates[1]


def test_cycles_of_columns_in_sdram_are_not_predicted():
    shape = Geometry(
        lanes=16, pointwise_lanes=2, weight_depth=2048, accumulator_depth=512, state_depth=256,
        value_depth=512, columns="sdram",
    )  # fmt: skip
    with pytest.raises(ValueError, match="predicted for columns on the chip, not in sdram"):
        estimate(small_network(), BOARDS["ulx3s-85f"], shape)
