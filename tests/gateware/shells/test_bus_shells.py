"""The bus shells under the bus masters of other people, in cocotb."""

import json
import shutil
from pathlib import Path

import pytest
from link_bench import geometry, network, walk

from thresh.exports.clip import clip_of
from thresh.exports.verilog import readable_verilog
from thresh.gateware.shells.axi_shell import AxiShell
from thresh.gateware.shells.wishbone_shell import WishboneShell
from thresh.layout.image import build_image, save_image
from thresh.sim.engines.cocotb_runner import BenchJob, run_bench

FOLDER = Path(__file__).parents[3] / "build" / "sim"
NETWORKS = {
    "4 lanes": (network(5, 12, 3), {"weight_depth": 256}),
    "2 units a cycle, 12 bits": (
        network(3, 9, 7, kinds=("lstm", "rnn_tanh"), value_bits=12),
        {"lanes": 8, "pointwise_lanes": 2, "value_bits": 12, "weight_depth": 256},
    ),
}


def shells(shape):
    return {
        "wishbone": lambda: WishboneShell(geometry=shape, clock_khz=48_000, queue_depth=16),
        "axi": lambda: AxiShell(geometry=shape, clock_khz=48_000),
    }


@pytest.mark.parametrize("bus", ["wishbone", "axi"])
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("engine", ["icarus", pytest.param("verilator", marks=pytest.mark.slow)])
def test_a_shell_passes_its_bench(tmp_path, bus, name, engine):
    if engine == "icarus" and shutil.which("iverilog") is None:
        pytest.skip("iverilog is not installed here")
    net, changes = NETWORKS[name]
    image = build_image(net, geometry(**changes))
    x = walk(4, net.inputs) >> 4
    clip = clip_of(net, x, "a walk")
    save_image(image, tmp_path / "network.img")
    (tmp_path / "clip.json").write_text(json.dumps({"x": x.tolist(), "y": clip.y.tolist()}))
    top = f"thresh_{bus}"
    files = readable_verilog(shells(image.geometry)[bus](), top, apart=False)
    (tmp_path / f"{top}.v").write_text(files[f"{top}.v"])
    job = BenchJob(
        engine=engine, sources=(str(tmp_path / f"{top}.v"),), top=top,
        bench=f"exported.bench_{bus}", folder=str(FOLDER), name=str(tmp_path / "run"),
        variables={"EXPORTED": str(tmp_path)},
    )  # fmt: skip
    run_bench(job)
