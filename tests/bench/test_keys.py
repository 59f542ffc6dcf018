"""Published rows are of the present gateware when their circuit or their netlist is."""

import json
from dataclasses import replace

import pytest

from bench.hardware import check, designs, keys, structure
from bench.hardware.keys import key_of_circuit, look
from bench.results import RESULTS
from thresh.hw.known_boards import find_board
from thresh.tools.toolchain import ToolError

BOARD = find_board("icebreaker")
PINS = "set_io led 11\nset_frequency clock.clock 51.84\nset_frequency clk12 12.0\n"


def key(*, board=BOARD, circuit="c", script="synth", pins=PINS, seeds=(1, 2)):
    return key_of_circuit(board, circuit, script, pins, seeds)


def test_everything_that_a_routing_depends_on_counts():
    seen = {
        key(),
        key(circuit="d"),
        key(script="synth -abc2"),
        key(pins=PINS.replace("11", "12")),
        key(pins=PINS.replace("51.84", "52")),
        key(pins=PINS.replace("clk12", "clk")),
        key(seeds=(1,)),
        key(board=replace(BOARD, clock_hz=50e6)),
        key(board=find_board("ulx3s-12f")),
        key(board=find_board("ulx3s-25f")),
    }
    assert len(seen) == 10


@pytest.mark.parametrize(("name", "pins"), [
    ("icebreaker", "set_frequency {}.{} 51.84\n"),
    ("ulx3s-12f", 'FREQUENCY NET "{}.pll.{}" 162000000.0 HZ;\n'),
])  # fmt: skip
def test_the_name_of_a_clock_inside_does_not_count(name, pins):
    board = find_board(name)
    assert key(board=board, pins=pins.format("clock", "o")) == key(
        board=board, pins=pins.format("pll", "clock")
    )


def test_a_key_holds_the_tools(monkeypatch):
    before = key()
    monkeypatch.setattr(keys, "tool_version", lambda name: "99")
    assert key() != before


@pytest.fixture
def circuits(monkeypatch):
    """Designs whose circuit and netlist are what the core says; counts what is synthesised."""
    synthesised = []

    def netlist_key(board, core, seeds, folder):
        synthesised.append(core)
        return core[1]

    monkeypatch.setattr(keys, "circuit_key", lambda board, core, seeds, folder: core[0])
    monkeypatch.setattr(keys, "netlist_key", netlist_key)
    return synthesised


@pytest.mark.parametrize(("row", "same", "synthesises"), [
    ({"key": "c", "netlist": "n"}, "the same circuit", False),
    ({"key": "old", "netlist": "n"}, "the same netlist", True),
    ({"key": "old", "netlist": "old"}, "", True),
    ({"key": "old"}, "", False),
    ({}, "", False),
])  # fmt: skip
def test_a_row_is_synthesised_only_when_its_circuit_is_another(circuits, row, same, synthesises):
    assert look(row, BOARD, ("c", "n"), (1,)) == ("c", same)
    assert bool(circuits) is synthesises


EVERY = designs.designs()


def test_every_published_row_has_a_key_and_one_design():
    found = [(one.result, json.dumps(one.row())) for one in EVERY.values() if one.row()]
    assert len(found) == len(set(found))
    assert {name for name, _ in found} >= {"boards", "streamed-build", "mixed-stack", "logic"} | {
        path.stem for path in RESULTS.glob("build-*.json")
        if "error" not in json.loads(path.read_text())
    }  # fmt: skip
    for _, text in found:
        assert len(json.loads(text)["key"]) == 16


def test_a_key_is_written_where_its_row_is(monkeypatch, tmp_path):
    for name in ("logic", "boards", "mixed-stack"):
        (tmp_path / f"{name}.json").write_bytes((RESULTS / f"{name}.json").read_bytes())
    monkeypatch.setattr(designs, "RESULTS", tmp_path)
    for name in ("logic-icebreaker-4x1", "board-ulx3s-45f", "mixed-ulx3s-12f"):
        design = EVERY[name]
        path = tmp_path / f"{design.result}.json"
        before = path.read_text()
        old = design.row()["key"]
        design.keep(key="0123456789abcdef")
        assert design.row()["key"] == "0123456789abcdef"
        assert path.read_text().replace("0123456789abcdef", old).splitlines() == before.splitlines()


def test_says_which_row_is_of_another_circuit(monkeypatch, capsys):
    row = EVERY["board-icebreaker"].row()
    present = {"board-icebreaker": row["key"]}
    monkeypatch.setattr(check, "circuit_key", lambda board, core, seeds: present.get(core, "new"))
    some = {
        name: replace(EVERY[name], make=lambda name=name: name)
        for name in ("board-icebreaker", "board-ulx3s-85f")
    }
    monkeypatch.setattr(check, "designs", lambda: some)
    with pytest.raises(SystemExit) as ended:
        check.main([])
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "board-icebreaker: the same circuit", "board-ulx3s-85f: ANOTHER CIRCUIT",
    ]  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        check.main(["board-icebreaker"])
    assert ended.value.code == 0


@pytest.mark.parametrize("bench", [check, structure])
def test_a_missing_tool_is_one_sentence(bench, monkeypatch, capsys, tmp_path):
    def missing(*words):
        raise ToolError("yosys is missing")

    monkeypatch.setattr(check, "circuit_key", missing)
    monkeypatch.setattr(structure, "circuit_structure", missing)
    folder = ["--folder", str(tmp_path)] if bench is structure else []
    with pytest.raises(SystemExit) as ended:
        bench.main(["board-icebreaker", *folder])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "Error: yosys is missing\n"
