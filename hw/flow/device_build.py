"""From a board and a network to the bitstream of a device, and what its flash is given with it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from thresh.gateware.device.device import Device
from thresh.hw.device_boards import DeviceBoard, shape_for
from thresh.hw.device_tops import DeviceTop
from thresh.hw.families import FAMILIES
from thresh.layout.device.image import device_body
from thresh.layout.device.shape import DeviceShape
from thresh.model.network import Network

from .build import Progress, build_core
from .built_device import keep_device
from .result import BuildResult


def device_top(device: DeviceBoard, shape: DeviceShape) -> DeviceTop:
    """The device of this shape on the pins of its board."""
    core = Device(
        shape=shape,
        layout=device.layout(shape),
        primitives=FAMILIES[device.board.family].lean_primitives,
        flash_divisor=device.flash_divisor,
        wake_cycles=device.wake_cycles,
        bit_cycles=device.bit_cycles(shape),
    )
    divisor = device.audio_divisor(shape.microphone, shape.rate)
    return DeviceTop(device=device, core=core, divisor=divisor)


def build_device(
    device: DeviceBoard,
    network: Network,
    kind: str,
    *,
    out_dir: Path | str,
    seeds: Sequence[int] = (1, 2, 3),
    jobs: int = 1,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> tuple[BuildResult, DeviceShape]:
    """Build a device that hears with a microphone of ``kind``, ``"pdm"`` or ``"i2s"``.

    As `thresh.hw.flow.build.build`; the network lies beside the bitstream, for the flash.

    Raises
    ------
    ValueError
        When the network does not fit the device, or a tool is missing or fails.
    """
    shape = shape_for(device, network, kind)
    body = device_body(network, shape, device.layout(shape))
    board = replace(device.board, clock_hz=device.fastest_core_hz)
    result = build_core(
        board, device_top(device, shape), lanes=shape.geometry.lanes, out_dir=out_dir, seeds=seeds,
        jobs=jobs, minutes=minutes, progress=progress,
        beside=lambda bitstream: keep_device(bitstream, shape, body),
    )  # fmt: skip
    return result, shape
