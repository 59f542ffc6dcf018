"""Current of a device and its parts: an estimate from published currents, never a measurement.

On the core's rail, at the rates and cycles of `thresh.hw.estimates.energy`'s sources::

    static + oscillator + divider + audio_hz * (clock + cells) + cycles * rate * (clock + cells)

Cells that work are counted as `energy.CELL` coulombs a cycle, cells beside them whose clock only
runs as `energy.QUIET_CELL`: while the front end works the network rests, and the other way round.
From the same table (tinyVision.ai's ice40_power at 1af931e):

- SB_HFOSC at 6, 12 and 24 MHz draws 388.4, 645 and 1,162 uA, a line of 42.9 uA/MHz that meets 0 at
  130 uA; less the halted clock's 92.1 uA that is the oscillator: 38 uA, which runs always;
- the crystal's net is a plain wire to seven registers, counted as busy cells at its clock. On a
  global net it would be 43.5 uA/MHz, 0.5 mA at 12 MHz;
- the RGB driver takes 280 uA while it is enabled, and each lit colour the 2 mA that it is set to.

An I/O that toggles draws C V f with 15 pF, 3.3 V. Microphones are typical values of data sheets:
PDM (SPH0641LU4H, MP34DT05) 0.6 to 0.8 mA, I2S (INMP441) 1.4 mA. The flash rests at about 15 uA.
For ECP5 all currents are assumptions, as `energy` says, and its PLL runs always: 4 mA, assumed.
"""

from dataclasses import dataclass

from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import BIT_CLOCK_CYCLES
from thresh.gateware.audio.front_end_program import frame_cycles
from thresh.gateware.core import Core
from thresh.hw.device_boards import DeviceBoard, shape_for
from thresh.hw.families import FAMILIES
from thresh.layout.device.shape import DeviceShape, hearing_of
from thresh.layout.placement import measure, memory_needs
from thresh.model.network import Network
from thresh.performance.activity import Activity
from thresh.performance.cycles import CycleModel

from .cycles import core_timing
from .energy import BUSY_CELL, CELL, CLOCK, CURRENTS, QUIET_CELL
from .estimate import CELLS, cycles_of, source_of
from .fit import Fit, Need
from .resources import predict_logic

PDM_CELLS = {
    "network": 2913, "front end": 740, "microphone": 245, "flash loader": 341,
    "decision": 241, "line and messages": 318, "samples, outputs, pins, clocks": 322,
}  # fmt: skip
BLOCK_CELLS = {
    "pdm": PDM_CELLS,
    "i2s": PDM_CELLS | {"microphone": 45, "samples, outputs, pins, clocks": 321},
}
"""Logic cells of a device's blocks on the iCE40UP5K, by its microphone, whose and half of the
line's are in the audio domain; `bench.hardware.device_build` counts them."""

AUDIO_BLOCKS = ("microphone", "line and messages")
OSCILLATOR = 38e-6
DIVIDER_CELLS = 7
ECP5_PLL = 4e-3
NEVER_STOPPED = 42e6
"""Clock, Hz, of the accelerator that does not stop, to compare with."""

PAD_COULOMBS = 15e-12 * 3.3
RGB_DRIVER, LED = 280e-6, 2e-3
FLASH = 15e-6
MICROPHONE = {"pdm": 0.7e-3, "i2s": 1.4e-3}
DOUBLINGS, EXPONENT = 8, 4
"""Of the bands' energies and a block, as in speech."""

ROUGHLY = {
    "ice40": "Currents are an estimate from published ones (iCE40: tinyVision.ai) or assumed "
    "(microphone, lights), not measured; the core's may be wrong by a factor of two.",
    "ecp5": "Every current of an ECP5 is an assumption, nothing was measured: the static one is "
    "said to be its data sheet's, the PLL's is a guess, and its cells are counted and charged as "
    "an iCE40UP5K's. They say that the static current is most of it, and no more.",
}
"""What must stand wherever a current of a family is shown."""


ROUTED = {
    "pdm": {"logic": 4901, "block RAM": 29},
    "i2s": {"logic": 4675, "block RAM": 29},
}
"""Of a routed iCEBreaker, by its microphone."""

EVERY = "every value fires in every step"
"""What is taken where no activity is known."""


@dataclass(frozen=True, kw_only=True)
class DeviceCurrent:
    """Amperes of a device that listens.

    Parameters
    ----------
    core : dict of float
        Of the core's rail, by part.
    others : dict of float
        I/O, lights, flash and microphone, by part.
    never_stopped : float
        Of the core's rail with the board's accelerator at `NEVER_STOPPED` all the time.
    cycles : dict of float
        Core cycles of a frame, by what works.
    frames_per_second, awake : float
        And the share of time for which the core's clock runs.
    activity : str
        Where the events come from that the network's part is for.
    note : str
        How far all of it can be believed.
    """

    core: dict[str, float]
    others: dict[str, float]
    never_stopped: float
    cycles: dict[str, float]
    frames_per_second: float
    awake: float
    activity: str
    note: str

    @property
    def core_total(self) -> float:
        """Of the core's rail."""
        return sum(self.core.values())


def device_current(
    device: DeviceBoard,
    network: Network,
    kind: str,
    activity: Activity | float | None = None,
) -> tuple[DeviceShape, DeviceCurrent]:
    """What a board draws as a device of ``kind``, without building anything.

    Without an activity every value is taken to fire.

    Raises
    ------
    ValueError
        As `thresh.hw.device_boards.shape_for`.
    """
    shape = shape_for(device, network, kind)
    cycles = _cycles(device, network, shape, activity)
    frames = shape.rate / shape.hop
    drawn = CURRENTS[device.board.device]
    blocks = BLOCK_CELLS[kind]
    cells = sum(blocks.values())
    audio = sum(blocks[name] for name in AUDIO_BLOCKS)
    audio_hz = device.audio_hz(shape.microphone, shape.rate)

    def running(hz: float, working: int, resting: int) -> float:
        return hz * (CLOCK + working * CELL + resting * QUIET_CELL)

    def part(name: str) -> float:
        working = blocks.get(name, 0)
        return running(frames * cycles[name], working, cells - audio - working)

    lanes = shape.geometry.lanes
    core = {
        "static": drawn.static,
        **({"oscillator": OSCILLATOR} if device.board.family == "ice40" else {"PLL": ECP5_PLL}),
        "divider": device.divided_hz * DIVIDER_CELLS * BUSY_CELL,
        "audio domain": running(audio_hz, blocks["microphone"], audio),
        "front end": part("front end"),
        "network": part("network") + frames * cycles["multipliers"] * lanes * drawn.multiplier,
        "samples and decision": part("samples and decision"),
    }
    mic_hz = audio_hz if isinstance(shape.microphone, Decimator) else audio_hz / BIT_CLOCK_CYCLES
    lit = RGB_DRIVER + LED if device.board.family == "ice40" else LED
    others = {
        "I/O": 1.5 * mic_hz * PAD_COULOMBS,
        "light, loaded": lit,
        "flash": FLASH,
        "microphone": MICROPHONE[kind],
    }
    logic = predict_logic(device.board.family, device.board.geometry)
    usual = next(count for name, count in logic.items() if name in CELLS)
    steady = drawn.static + running(NEVER_STOPPED, 0, usual)
    awake = frames * sum(cycles[name] for name in cycles if name != "multipliers") / device.core_hz
    return shape, DeviceCurrent(
        core=core, others=others, never_stopped=steady, cycles=cycles, frames_per_second=frames,
        awake=awake, activity=source_of(activity) or EVERY, note=ROUGHLY[device.board.family],
    )  # fmt: skip


def device_fit(device: DeviceBoard, network: Network, shape: DeviceShape) -> Fit:
    """What a network needs of a device's memories; logic and block RAM where a build is known."""
    found = memory_needs(measure(network, shape.geometry), shape.geometry)
    needs = {
        name: Need(needed=needed, available=available, unit=unit)
        for name, (needed, available, unit) in found.items()
        if name != "link"
    }
    missing = [name for name, need in needs.items() if not need.met]
    if device.board.family == "ice40":
        resources = device.board.resources
        needs |= {
            name: Need(needed=count, available=resources[name], unit="routed")
            for name, count in ROUTED[shape.kind].items()
        }
    advice = None
    if missing:
        need = needs[missing[0]]
        advice = (
            f"{network.name} does not fit the {missing[0]} of a device on {device.name}: it needs "
            f"{need.needed:,} {need.unit} of {need.available:,}; use fewer units or layers"
        )
    return Fit(board=device.name, lanes=shape.geometry.lanes, needs=needs, advice=advice)


def _cycles(
    device: DeviceBoard, network: Network, shape: DeviceShape, activity: Activity | float | None
) -> dict[str, float]:
    front_end, _ = hearing_of(network)
    primitives = FAMILIES[device.board.family].lean_primitives
    model = CycleModel(measure(network, shape.geometry), core_timing(shape.geometry, primitives))
    step = cycles_of(model, network, activity)
    most = model.ideal([(layer.hidden, layer.inputs) for layer in network.layers])
    visits = 2 * len(front_end.bins[0])
    latency = Core.multiplier_latency(primitives)
    return {
        "front end": frame_cycles(
            latency, shape.points, [DOUBLINGS] * front_end.bands, EXPONENT, visits
        ),
        "network": step.worst if step.mean is None else step.mean,
        "multipliers": most if step.ideal is None else step.ideal,
        # A sample every eight cycles, and per class an output and a score.
        "samples and decision": 8 * shape.hop + 8 * network.outputs,
    }
