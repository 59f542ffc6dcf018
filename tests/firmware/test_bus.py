"""The C driver over the registers of the compiled bus shells: a recording, every integer."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from drivers.c_driver import CC, FLAGS, SANITIZED, compiled

import thresh
from thresh.exports.shells import SHELLS
from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.verilog import generate
from thresh.host.c_header import network_header
from thresh.sim.engines.compiled import compile_verilog
from thresh.sim.engines.compiled_flat import MODULE
from thresh.sim.golden import GoldenModel
from thresh.sources import example_clip

pytestmark = pytest.mark.skipif(CC is None, reason="no C compiler")

SOURCE = Path(__file__).with_name("bus.c")
BUILDS = Path("build/sim")
CLOCK_HZ = 48e6
ASIDE = 20
"""Frames before the sequence is set aside, as the program has it."""


@pytest.fixture(scope="module")
def accelerator():
    model = Path(__file__).parents[2] / "examples" / "digits-gru128.safetensors"
    return thresh.load(model).compile(lanes=8)


def places_header(places, clip):
    """Slots of the compiled shell's ports, and the clip."""
    lines = [
        f"#define {'IN' if flow == 'i' else 'OUT'}_{name.upper()} {at}"
        for name, (flow, at, _) in places.items()
    ]
    for flow, name in (("i", "IN_SLOTS"), ("o", "OUT_SLOTS")):
        lines.append(f"#define {name} {1 + max(at for f, at, _ in places.values() if f == flow)}")
    rows = ",\n".join("{" + ", ".join(map(str, row)) + "}" for row in clip)
    lines.append(f"#define CLIP_FRAMES {len(clip)}")
    lines.append(f"static const int16_t clip[{len(clip)}][{clip.shape[1]}] = {{\n{rows}\n}};")
    return "#include <stdint.h>\n" + "\n".join(lines) + "\n"


def wanted_frames(network, x):
    """Outputs of every step that the program takes."""
    model = GoldenModel(network)
    heard = [model.step(values[None])[0] for values in x]
    model.new_sequence()
    open_layer = network.layers[0]
    fields = {name: getattr(open_layer, name) for name in open_layer.__dataclass_fields__}
    layers = [type(open_layer)(**fields | {"threshold_x": 0, "threshold_h": 0})]
    for layer in network.layers[1:]:
        fields = {name: getattr(layer, name) for name in layer.__dataclass_fields__}
        layers.append(type(layer)(**fields | {"threshold_x": layers[-1].threshold_h}))
    sent = GoldenModel(type(network)(layers=tuple(layers)))
    dense = [sent.step(values[None])[0] for values in x[:2]]
    return [*heard[:ASIDE], *heard[:3], *heard[ASIDE:], *dense, heard[0]]


@pytest.mark.parametrize(
    ("bus", "arguments"), [("wishbone", []), ("wishbone", ["pipelined"]), ("axi", [])]
)
def test_a_recording_equals_the_golden_model_over_registers(accelerator, tmp_path, bus, arguments):
    image, clip = accelerator.image, example_clip(accelerator.image.network)
    shell = SHELLS[bus].component(image, preload=False, clock_hz=CLOCK_HZ, baud=1)
    flat = FlatPorts(shell)
    library = compile_verilog(generate(flat, MODULE), MODULE, BUILDS).resolve()
    (tmp_path / "network.h").write_text(network_header(image))
    (tmp_path / "places.h").write_text(places_header(flat.places, clip.x))
    program = compiled(
        tmp_path, SOURCE, library, flags=(*SANITIZED, "-O1", "-fno-sanitize-recover"),
        values=bus == "wishbone",
    )  # fmt: skip
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    steps = np.array([[int(n) for n in line.split()] for line in lines if line[0] in "-0123456789"])
    np.testing.assert_array_equal(steps[:, 0], 0)
    np.testing.assert_array_equal(steps[:, 1:-1], wanted_frames(image.network, clip.x))
    cycles = steps[:, -1]
    np.testing.assert_array_equal(cycles[ASIDE : ASIDE + 3], cycles[:3])
    assert cycles.min() > 10
    said = [line for line in lines if line[0] not in "-0123456789"]
    ok, small, argument, missing, out, none = 0, 7, 8, 12, 13, 15
    assert said == [
        f"init {ok}",
        f"attach {missing}",
        f"load {ok} 48000 0",
        f"table {ok} 0",
        f"sequence {ok}",
        f"save {ok}",
        f"sequence {ok}",
        f"range {out} {argument} {out} {out}",
        "register -1",
        f"values {argument} {small} {ok}",
        f"restore {ok}",
        f"thresholds {ok}",
        f"attach {ok}",
        f"sequence {ok}",
        f"away {missing} {missing}",
        f"load {ok} {ok} {none} {missing} {ok} {ok}",
    ]


def test_the_driver_compiles_where_values_have_no_registers(tmp_path):
    main = tmp_path / "main.c"
    main.write_text(
        '#include "thresh_bus.h"\nint main(void) { return thresh_mapped(0).patience != 0; }\n'
    )
    program = compiled(tmp_path, main, flags=FLAGS, values=False)
    assert subprocess.run([program], timeout=10, check=False).returncode == 0
