"""The exported Wishbone shell in a LiteX system: its processor runs a recording in C."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drivers.c_driver import CC
from exported.export_bench import run
from link_bench import geometry, network

import thresh
from thresh.exports.clip import clip_of, walk
from thresh.exports.folder import contents
from thresh.exports.shells import WISHBONE
from thresh.layout.image import build_image
from thresh.sources import example_clip
from thresh.tools.verilator import verilator_environment

SUPPORT = Path(__file__).parents[1] / "support" / "exported"
COMPILER = "riscv64-unknown-elf-gcc"
FLAGS = (
    "-march=rv32im_zicsr", "-mabi=ilp32", "-O2", "-std=gnu99", "-ffreestanding", "-nostdlib",
    "-ffunction-sections", "-Wl,--gc-sections", "-Wall", "-Werror",
)  # fmt: skip

STRING_H = """\
#include <stddef.h>
void *memset(void *to, int value, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);
int memcmp(const void *one, const void *other, size_t bytes);
"""
"""What the driver takes of a C library, which Debian's compiler does not bring."""


def write_export(folder, image, clip):
    """The folder of ``thresh verilog --shell wishbone --memories source``."""
    found = contents(
        image, WISHBONE, clip, clock_hz=48e6, baud=1_000_000, preload=False, apart=False,
        command="thresh verilog",
    )  # fmt: skip
    for name, text in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def soc(export, build, *arguments):
    """Run the script that makes the system, in a process of its own."""
    build.mkdir(exist_ok=True)
    return run(build, sys.executable, SUPPORT / "litex_soc.py", export, build, *arguments)


def clip_header(x):
    rows = ",\n".join("{" + ", ".join(map(str, row)) + "}" for row in x)
    return (
        f"#include <stdint.h>\n#define CLIP_FRAMES {len(x)}u\n"
        f"static const int16_t clip[{len(x)}][{x.shape[1]}] = {{\n{rows}\n}};\n"
    )


def compile_program(export, build):
    """The program with the exported driver, as the words of a ROM."""
    driver = export / "driver"
    (build / "string.h").write_text(STRING_H)
    run(
        build, COMPILER, *FLAGS, "-T", SUPPORT / "litex.ld", "-I", build, "-I", driver,
        SUPPORT / "litex_program.c", *sorted(driver.glob("*.c")), "-lgcc", "-o", "program.elf",
    )  # fmt: skip
    run(build, COMPILER.replace("gcc", "objcopy"), "-O", "binary", "program.elf", "program.bin")


def test_the_module_has_every_port_of_the_shell(tmp_path):
    net = network(5, 12, 3)
    write_export(tmp_path, build_image(net, geometry()), clip_of(net, walk(net, 2), "a walk"))
    module = (tmp_path / "litex_thresh.py").read_text()
    head = re.search(
        r"module thresh_wishbone\((.*?)\);", (tmp_path / "thresh_wishbone.v").read_text(), re.S
    )
    wired = set(re.findall(r"^ +[io]_(\w+)=", module, re.M))
    assert set(re.findall(r"\w+", head[1])) - wired == {"wb_stall"}
    compile(module, "litex_thresh.py", "exec")


def test_a_system_has_the_registers_and_the_interrupt(tmp_path):
    pytest.importorskip("litex", reason="LiteX is not installed here")
    pytest.importorskip("pythondata_cpu_vexriscv", reason="VexRiscv is not installed here")
    net = network(5, 12, 3)
    export, build = tmp_path / "export", tmp_path / "build"
    write_export(export, build_image(net, geometry()), clip_of(net, walk(net, 2), "a walk"))
    soc(export, build)
    assert "#define THRESH_BASE 0x90000000L" in (build / "generated" / "mem.h").read_text()
    assert "CSR_THRESH_EV_PENDING_ADDR" in (build / "generated" / "csr.h").read_text()
    assert re.search(r"#define THRESH_INTERRUPT \d", (build / "generated" / "soc.h").read_text())


@pytest.mark.slow
@pytest.mark.skipif(CC is None, reason="no C compiler")
def test_its_processor_runs_a_recording_from_c(tmp_path):
    pytest.importorskip("litex", reason="LiteX is not installed here")
    pytest.importorskip("pythondata_cpu_vexriscv", reason="VexRiscv is not installed here")
    if shutil.which(COMPILER) is None:
        pytest.skip(f"{COMPILER} is not installed here")
    model = Path(__file__).parents[2] / "examples" / "digits-gru128.safetensors"
    image = thresh.load(model).compile(lanes=8).image
    clip = example_clip(image.network)
    export, build = tmp_path / "export", tmp_path / "build"
    write_export(export, image, clip)
    soc(export, build)
    (build / "clip.h").write_text(clip_header(clip.x))
    compile_program(export, build)
    soc(export, build, "--program")
    run(
        build, "verilator", "--cc", "--exe", "--build", "-O3", "-Wno-fatal", "-Wno-lint",
        "-Wno-style", "--top-module", "soc", "-CFLAGS", "-O1", "soc.v",
        *(build / "sources").read_text().split(), SUPPORT / "litex_main.cpp", "-o", "soc",
        **verilator_environment(),
    )  # fmt: skip
    done = subprocess.run(
        [build / "obj_dir" / "soc"], cwd=build, capture_output=True, text=True, timeout=3600
    )
    said = [int(line) for line in done.stdout.split()]
    assert done.returncode == 0, (done.stderr, said[:5])
    assert said[:3] == [0, 0, 0]
    outputs = np.array(said[3:-2]).reshape(len(clip.x), -1)
    np.testing.assert_array_equal(outputs, np.pad(clip.y, ((0, 0), (1, 0))))
    assert said[-2] == len(clip.x)
