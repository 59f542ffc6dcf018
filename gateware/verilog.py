"""Verilog from the components, through Yosys."""

import os

from amaranth import ClockDomain, Elaboratable
from amaranth.back import verilog
from amaranth.hdl import Fragment
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from thresh.tools.toolchain import find_tool

from .accelerator import Accelerator
from .core import Core
from .device.observed_device import ObservedDevice


def generate(component: Elaboratable, name: str) -> str:
    """Verilog of ``component`` as module ``name``, clock ``clk`` and reset ``rst``.

    Raises
    ------
    ToolError
        When there is no Yosys that is new enough.
    """
    os.environ.setdefault("YOSYS", find_tool("yosys")[0])
    return verilog.convert(component, name=name, strip_internal_attrs=True)


def accelerator_verilog(*, geometry, clock_hz, baud, primitives=None, image=None) -> str:
    """The whole accelerator as module ``thresh_accelerator``."""
    accelerator = Accelerator(
        geometry=geometry, clock_hz=clock_hz, baud=baud, primitives=primitives, image=image
    )
    return generate(accelerator, "thresh_accelerator")


def core_verilog(*, geometry, primitives=None) -> str:
    """The core without its serial line as module ``thresh_core``."""
    return generate(Core(geometry=geometry, primitives=primitives), "thresh_core")


def device_verilog(**parameters) -> str:
    """A device with its stages in sight as module ``thresh_device``.

    Clocks are ``audio_clk`` and ``clk``; for the parameters see `thresh.gateware.device.device`.
    """
    return generate(_Clocked(ObservedDevice(**parameters), ("audio", "sync")), "thresh_device")


class _Clocked(Elaboratable):
    """A component with its clocks and resets as ports, in the order of ``domains``.

    Amaranth adds domains that are missing in the order of a set, which is another one in every
    process; a text, and what was compiled of it, would be another too.
    """

    def __init__(self, component: wiring.Component, domains: tuple[str, ...]) -> None:
        self._component = component
        self._domains = [ClockDomain(name) for name in domains]
        lines = {line.name: line for domain in self._domains for line in (domain.clk, domain.rst)}
        members = dict(component.signature.members)
        self.signature = wiring.Signature(members | dict.fromkeys(lines, In(1)))
        for name in members:
            setattr(self, name, getattr(component, name))
        for name, line in lines.items():
            setattr(self, name, line)

    def elaborate(self, platform):
        fragment = Fragment.get(self._component, platform)
        fragment.add_domains(*self._domains)
        return fragment
