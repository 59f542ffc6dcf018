"""Verilog from the components, through Yosys."""

import os

from amaranth import Elaboratable
from amaranth.back import verilog

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
    return generate(ObservedDevice(**parameters), "thresh_device")
