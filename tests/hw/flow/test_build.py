"""The flow with the real tools: a tiny core quickly, whole accelerators when asked for."""

import json
from dataclasses import replace

import pytest

from bench.hardware.board_pins import Echo
from thresh.hw.families import FAMILIES, router_options
from thresh.hw.flow import build as flow
from thresh.hw.flow.build import build, build_core, generate
from thresh.hw.known_boards import BOARDS
from thresh.layout.image import build_image, load_image
from thresh.model.model_file import load_network
from thresh.tools.toolchain import ToolTimeout

DIGITS = "examples/digits-gru128.safetensors"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("icebreaker")
    said = []
    result = build_core(
        BOARDS["icebreaker"], Echo(), lanes=8, out_dir=folder, seeds=(1, 2), progress=said.append
    )
    return result, folder, said


def test_routes_every_seed_and_packs_the_best(built):
    result, folder, said = built
    assert set(result.fmax_mhz) == {1, 2}
    assert min(result.fmax_mhz.values()) > 42
    assert result.met
    assert result.bitstream == folder / "thresh.bin"
    assert result.bitstream.stat().st_size > 50_000
    assert [text.split()[0] for text in said] == [
        "generating", "synthesis", "place", "place", "packing",
    ]  # fmt: skip


def test_reads_the_report(built):
    result, folder, _ = built
    report = json.loads((folder / "seed1.report.json").read_text())
    assert result.fmax_mhz[1] == next(iter(report["fmax"].values()))["achieved"]
    assert result.utilization["ICESTORM_PLL"] == {"used": 1, "available": 1}
    assert result.utilization["ICESTORM_LC"]["available"] == 5280
    assert any("clk-to-q" in hop for hop in result.critical_path)
    assert json.loads((folder / "build.json").read_text())["device"] == "iCE40UP5K"


def test_repeats_nothing_that_is_done(built):
    first, folder, _ = built
    said = []
    again = build_core(
        BOARDS["icebreaker"], Echo(), lanes=8, out_dir=folder, seeds=(1, 2), progress=said.append
    )
    assert again == first
    assert said == ["generating the netlist"]


def test_what_is_kept_of_a_build_names_the_image_beside_it(built, monkeypatch):
    _, folder, _ = built
    image = build_image(load_network(DIGITS), BOARDS["icebreaker"].geometry)
    core = Echo()
    core.geometry, core.sdram = image.geometry, None
    monkeypatch.setattr(flow, "accelerator_of", lambda *_: core)
    result = build(BOARDS["icebreaker"], image, out_dir=folder, seeds=(1, 2))
    assert result.image == folder / "thresh.img"
    assert load_image(result.image).network == image.network
    kept = json.loads((folder / "build.json").read_text())
    assert kept == json.loads(json.dumps(result.to_dict()))
    assert kept["image"] == str(result.image)
    (folder / "thresh.img").unlink()
    monkeypatch.setattr(flow, "build_core", lambda *_, **words: words["beside"])
    assert build(BOARDS["icebreaker"], None, out_dir=folder) is None


def test_a_seed_that_takes_too_long_is_given_up(built, monkeypatch):
    first, folder, _ = built

    def stop(name, *_, minutes, **__):
        raise ToolTimeout(f"{name} was stopped after {minutes} minutes")

    monkeypatch.setattr(flow, "run_tool", stop)
    said = []
    result = build_core(
        BOARDS["icebreaker"], Echo(), lanes=8, out_dir=folder, seeds=(1, 9, 2), minutes=5,
        progress=said.append,
    )  # fmt: skip
    assert (result.fmax_mhz, result.given_up) == (first.fmax_mhz, (9,))
    assert first.met
    assert not result.met
    assert said[-1] == "seed 9 is given up: it is not routed after 5 minutes"
    with pytest.raises(ValueError, match="No seed was routed in 5 minutes"):
        build_core(
            BOARDS["icebreaker"], Echo(), lanes=8, out_dir=folder, seeds=(9,), minutes=5
        )  # fmt: skip


def test_routes_again_when_the_clock_changes(built, monkeypatch):
    _, folder, _ = built
    ran = []
    monkeypatch.setattr(flow, "run_tool", lambda name, *_, **__: ran.append(name))
    board = replace(BOARDS["icebreaker"], clock_hz=45e6)
    with pytest.raises(ValueError, match=r"no clock that was to reach 48\.6 MHz"):
        build_core(board, Echo(), lanes=8, out_dir=folder, seeds=(1,))
    assert ran[:2] == ["yosys", "nextpnr-ice40"]


@pytest.mark.parametrize("name", BOARDS)
def test_constrains_pins_and_clock(name):
    board = BOARDS[name]
    files = generate(board, Echo())
    constraints = files[FAMILIES[board.family].constraints]
    held = (board.clock, board.uart.rx, board.uart.tx, *board.lights.values(), *board.constants)
    for pad in held:
        shown = (f" {pad.sites}\n", f'SITE "{pad.sites}"', f'" {pad.sites};\n')
        assert sum(text in constraints for text in shown) == 1
    assert sum(map(constraints.count, ("set_io ", "LOCATE ", "IO_LOC "))) == len(held)
    wanted = board.clock_hz * 1.08
    shown = f"{wanted} HZ" if board.family == "ecp5" else f"{wanted / 1e6:g}"
    told = router_options(board) if board.family == "gowin" else constraints
    assert shown in told
    assert "src" not in files["il"]


@pytest.mark.parametrize("name", BOARDS)
def test_registers_are_reset_or_their_clock_waits(name):
    """No net of a reset spans an ECP5: its registers start as the bitstream says.

    nextpnr takes a clock of five registers or more for a global net, and then cannot always route
    it to the gate.
    """
    board = BOARDS[name]
    design = generate(board, Echo())["il"]
    gated = board.family == "ecp5"
    assert design.count("cell \\DCCA ") == gated, name
    assert ("rst" in design) != gated
    if gated:
        assert 0 < design.count("connect \\CLK \\power_on_clk ") < 5


def test_refuses_a_build_without_seeds_or_jobs(tmp_path):
    with pytest.raises(ValueError, match="jobs of a build must be at least 1, not 0"):
        build_core(BOARDS["icebreaker"], None, lanes=8, out_dir=tmp_path, jobs=0)
    with pytest.raises(ValueError, match="at least one seed"):
        build_core(BOARDS["icebreaker"], None, lanes=8, out_dir=tmp_path, seeds=())


def test_refuses_a_baud_rate_far_off(tmp_path):
    board = replace(BOARDS["icebreaker"], baud=5_000_000)
    with pytest.raises(ValueError, match=r"5000000 baud is \d+\.\d % off at 42 MHz"):
        build(board, None, out_dir=tmp_path)


def test_refuses_an_image_of_another_geometry(tmp_path):
    board = BOARDS["icebreaker"]
    image = build_image(load_network(DIGITS), board.geometry)
    other = replace(board.geometry, state_depth=512)
    with pytest.raises(ValueError, match="another geometry"):
        build(board, image, out_dir=tmp_path, geometry=other)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["icebreaker", "ulx3s-12f", "ulx3s-85f"])
def test_whole_accelerator_meets_its_clock(name, tmp_path):
    board = BOARDS[name]
    image = build_image(load_network(DIGITS), board.geometry)
    result = build(board, image, out_dir=tmp_path, jobs=2)
    assert result.met, (result.fmax_mhz, result.critical_path)
    assert result.bitstream.stat().st_size > 50_000
    assert (result.image is None) == board.preloads
