"""Verilator's own objects are kept beside the compiled designs, for the same Verilator alone."""

import pytest

from thresh.sim.engines.verilated import OBJECTS, OPTIMISED, KeptObjects


@pytest.fixture
def build(tmp_path):
    """A folder in which a design was compiled, and what it was compiled in."""
    (tmp_path / "root" / "include").mkdir(parents=True)
    (tmp_path / "root" / "include" / "verilated.cpp").write_text("int verilated;")
    work = tmp_path / "design"
    work.mkdir()
    for name in OBJECTS:
        (work / f"{name}.o").write_bytes(name.encode())
    return work, {"VERILATOR_ROOT": str(tmp_path / "root"), "MAKEFLAGS": "CXX=g++"}


def test_the_next_design_gets_what_was_kept(build, tmp_path):
    work, environment = build
    kept = KeptObjects(environment, tmp_path)
    assert kept.place(work) == OPTIMISED
    kept.keep(work)
    other = tmp_path / "other"
    other.mkdir()
    options = KeptObjects(environment, tmp_path).place(other)
    assert options == f"{OPTIMISED} -o verilated.o -o verilated_threads.o"
    assert {path.name: path.read_bytes().decode() for path in other.iterdir()} == {
        f"{name}.o": name for name in OBJECTS
    }


def test_the_first_that_are_kept_stay(build, tmp_path):
    work, environment = build
    KeptObjects(environment, tmp_path).keep(work)
    (work / "verilated.o").write_bytes(b"later")
    KeptObjects(environment, tmp_path).keep(work)
    KeptObjects(environment, tmp_path).place(work)
    assert (work / "verilated.o").read_bytes() == b"verilated"


@pytest.mark.parametrize("change", ["compiler", "source"])
def test_another_compiler_or_verilator_has_its_own(build, tmp_path, change):
    work, environment = build
    KeptObjects(environment, tmp_path).keep(work)
    if change == "compiler":
        environment["MAKEFLAGS"] = "CXX=clang++"
    else:
        (tmp_path / "root" / "include" / "verilated.cpp").write_text("int newer;")
    assert KeptObjects(environment, tmp_path).place(work) == OPTIMISED


def test_of_a_verilator_that_does_not_say_where_it_is_nothing_is_kept(build, tmp_path):
    work, _ = build
    kept = KeptObjects({}, tmp_path)
    kept.keep(work)
    assert kept.place(work) == OPTIMISED
    assert {path.name for path in tmp_path.iterdir()} == {"root", "design"}
