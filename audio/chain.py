"""What a network's model file says of the chain from a microphone to a word."""

from thresh.model.network import Network

from .decimator import Decimator
from .front_ends import AnyFrontEnd, read_front_end
from .i2s_words import I2sWords
from .spotter import Spotter

MICROPHONES = {kind.KIND: kind for kind in (Decimator, I2sWords)}
"""What makes samples of a microphone's bits, by kind."""


def read_microphone(network: Network) -> Decimator | I2sWords | None:
    """What makes samples of a microphone's bits; None where the file names none.

    Raises
    ------
    ValueError
        On another kind or version and on a missing, unknown or wrongly typed entry, naming it.
    """
    settings = network.microphone
    if not settings:
        return None
    if settings.get("kind") not in MICROPHONES:
        raise ValueError(
            f"The microphone must be one of {', '.join(MICROPHONES)}, not {settings.get('kind')!r}"
        )
    return MICROPHONES[settings["kind"]].from_dict(settings)


def read_features(network: Network) -> AnyFrontEnd | None:
    """The front end of a network; None where its inputs are not audio.

    Raises
    ------
    ValueError
        As `thresh.audio.front_ends.read_front_end`, and when its bands are not the inputs.
    """
    if not network.front_end:
        return None
    front_end = read_front_end(network.front_end)
    if front_end.bands != network.inputs:
        raise ValueError(
            f"A front end of {front_end.bands} bands cannot feed the {network.inputs} inputs of "
            f"{network.name}"
        )
    return front_end


def read_spotter(network: Network) -> Spotter | None:
    """What announces a network's classes; None where the file names none.

    Raises
    ------
    ValueError
        On another kind or version, a wrong entry, or another number of classes than outputs.
    """
    if not network.spotter:
        return None
    spotter = Spotter.from_dict(network.spotter)
    if len(spotter.thresholds) != network.outputs:
        raise ValueError(
            f"A decision of {len(spotter.thresholds)} classes cannot tell the {network.outputs} "
            f"outputs of {network.name} apart"
        )
    return spotter
