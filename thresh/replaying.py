"""Recordings of a device run again, through the golden model and the gateware."""

from pathlib import Path

from thresh.model.network import Network as Integers
from thresh.reports.device.replay import Compared, Replay
from thresh.sim.device.recording import Recording, golden_of
from thresh.sim.device.trace import DeviceTrace, first_difference, integers_compared

from .network import Network
from .progress import Progress, told
from .simulation import run_simulation

BEGINS = ("samples", "features")
"""Stages from which a recording without bits is run again, the first that it holds."""


def replay(
    path: Path,
    network: Integers | None = None,
    *,
    gateware: bool = True,
    folder: Path = Path("build/sim"),
    progress: Progress = None,
) -> Replay:
    """Run a recording of ``thresh listen`` through the golden model and the gateware.

    Parameters
    ----------
    path : Path
    network : `thresh.model.network.Network`, optional
        Instead of the one that the recording holds.
    gateware : bool
        Simulate it too.
    folder : Path
        For the compiled simulator.
    progress : callable or bool, optional
        Told how many steps of how many are done; True shows a bar.

    Raises
    ------
    ValueError, OSError
        When the file is no recording, or nobody says of which network.
    """
    recording = Recording.load(path)
    network = network or recording.network
    if network is None:
        raise ValueError(f"{path.name} does not hold the network that was heard: name its MODEL")
    golden = golden_of(recording, network)
    if not golden.frames:
        raise ValueError(f"{path.name} holds no whole frame to run again")
    compared = [_compared("the recording", golden, recording.trace)]
    if gateware:
        compared.append(_simulated(network, golden, folder, progress))
    return Replay(
        name=path.name,
        network=network.name,
        begins=_begin(recording),
        frames=golden.frames,
        compared=tuple(compared),
    )


def _begin(recording: Recording) -> str:
    if recording.stimulus is not None:
        return "the microphone"
    return next(name for name in BEGINS if name in recording.trace.stages)


def _compared(name: str, golden: DeviceTrace, other: DeviceTrace) -> Compared:
    return Compared(
        name=name,
        integers=integers_compared(golden, other),
        first_difference=first_difference(golden, other, ("the golden model", name)),
    )


def _simulated(
    network: Integers, golden: DeviceTrace, folder: Path, progress: Progress
) -> Compared:
    geometry = Network(network).compile().geometry
    with told(progress, "simulating") as update:
        found = run_simulation(
            network, [golden.stages["features"]], geometry,
            engine="compiled", folder=folder, update=update,
        ).result  # fmt: skip
    return Compared(
        name="the simulated core",
        integers=found.integers_compared,
        first_difference=found.first_difference,
    )
