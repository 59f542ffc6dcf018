"""A whole utterance through the accelerator."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from thresh.model.decision import decide
from thresh.model.network import Network
from thresh.model.readout import read_out
from thresh.model.snapshot import Snapshot

from .client import Client, Counters
from .verify import Verifier


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """What the accelerator made of one sequence.

    Parameters
    ----------
    outputs : ndarray of int64, shape (T, outputs)
        Read out, where the network has a readout.
    cycles : ndarray of int64, shape (T,)
        Per step.
    counters : Counters
        Of the whole sequence.
    decision : str or None
        As `thresh.model.decision.decide`.
    """

    outputs: np.ndarray
    cycles: np.ndarray
    counters: Counters
    decision: str | None


def run_utterance(
    client: Client,
    network: Network,
    x: np.ndarray,
    progress: Callable[[int, int], None] | None = None,
    *,
    begin: Snapshot | None = None,
    verifier: Verifier | None = None,
) -> Utterance:
    """Run one sequence on the network that is loaded, from its beginning or from a saved state.

    Parameters
    ----------
    client : Client
        With ``network`` loaded.
    network : Network
        For its decision and class names.
    x : ndarray of int, shape (T, inputs)
        Inputs in the first layer's format, for example of `thresh.audio.front_end`.
    progress : callable, optional
        Called with steps done and steps in all.
    begin : Snapshot, optional
        The state to go on from.
    verifier : Verifier, optional
        Of the same client; verifies the steps that are due.

    Raises
    ------
    ValueError
        For inputs of another shape, a loaded network of other sizes or a failure of the link.
    """
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[0] == 0 or x.shape[1] != network.inputs:
        raise ValueError(f"Inputs must have shape (steps, {network.inputs}), not {x.shape}")
    loaded = (client.plan.inputs, client.plan.outputs)
    wanted = (network.inputs, network.layers[-1].units)
    if loaded != wanted:
        raise ValueError(
            f"The accelerator holds a network of {loaded[0]} inputs and {loaded[1]} outputs, not "
            f"of {wanted[0]} and {wanted[1]}"
        )
    if begin is None:
        client.new_sequence()
    else:
        client.restore(begin)
    steps = []
    for number, values in enumerate(x):
        steps.append(verifier.step(values, number) if verifier else client.step(values))
        if progress:
            progress(number + 1, len(x))
    outputs = read_out(network, np.stack([step.outputs for step in steps]))
    return Utterance(
        outputs=outputs,
        cycles=np.array([step.cycles for step in steps], np.int64),
        counters=client.read_counters(),
        decision=decide(network, outputs),
    )
