"""The golden model of a sequence's bursts side by side: each goes on from what the core kept.

A burst ends with three records of the core, after each of its last three steps. The next one's
model begins with the second of them, whose lists of events are what the references have moved by
since the first; which layers had settled it finds out in the step to the third. As every record is
compared with the model of its own burst, each model begins where the one before it has been, and
all of them are the one model that runs through the sequence.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from thresh.layout.memory_map import NetworkMap
from thresh.model.network import Network
from thresh.sim.comparison import Comparison, step_totals
from thresh.sim.golden import GoldenModel, LayerState
from thresh.sim.golden_memories import fetch
from thresh.sim.observation import memories_of

RECORDS = 3
"""Of a burst's last steps."""

Records = tuple[np.void, np.void, np.void]


def kept(network: Network, plan: NetworkMap, records: Records) -> GoldenModel:
    """The model after the second record's step; no layer of it has settled."""
    earlier, model = GoldenModel(network), GoldenModel(network)
    for one, record in zip((earlier, model), records[:2], strict=True):
        fetch(one, plan, memories_of(record))
    for before, state in zip(earlier.layers, model.layers, strict=True):
        state.delta_h = state.reference_h - before.reference_h
    return model


def joined(models: Sequence[GoldenModel]) -> GoldenModel:
    """Models of batch 1 as one."""
    whole = GoldenModel(models[0].network, batch=len(models))
    whole.reference_x = np.concatenate([model.reference_x for model in models])
    for number in range(len(whole.layers)):
        states = [vars(model.layers[number]) for model in models]
        whole.layers[number] = LayerState(
            **{name: np.concatenate([state[name] for state in states]) for name in states[0]}
        )
    return whole


def one_of(whole: GoldenModel, number: int) -> GoldenModel:
    """One sequence of a model, as a model of batch 1."""
    only = slice(number, number + 1)
    model = GoldenModel(whole.network)
    model.reference_x = whole.reference_x[only].copy()
    model.layers = [
        LayerState(**{name: values[only].copy() for name, values in vars(state).items()})
        for state in whole.layers
    ]
    return model


def golden_ends(
    network: Network, plan: NetworkMap, begun: Sequence[Records], x: np.ndarray
) -> Iterator[list[tuple[GoldenModel, np.ndarray]]]:
    """Model and counts of the last three steps of bursts, each behind the records before it.

    Parameters
    ----------
    network : Network
    plan : NetworkMap
    begun : sequence of Records
        Of the burst before each.
    x : ndarray of int64, shape (bursts, 1 + steps, inputs)
        The last inputs of the burst before each, then its own.

    Yields
    ------
    list
        Of a burst: `RECORDS` models of batch 1, and the `step_totals` of the burst until there.
    """
    model = joined([kept(network, plan, records) for records in begun])
    step_totals(model, plan, x[:, 0])
    totals = np.zeros((len(x), 4 + len(plan.layers)), np.int64)
    ends = []
    for now in range(1, x.shape[1]):
        totals = totals + step_totals(model, plan, x[:, now])
        if now >= x.shape[1] - RECORDS:
            ends.append(([one_of(model, number) for number in range(len(x))], totals))
    for number in range(len(x)):
        yield [(models[number], sums[number]) for models, sums in ends]


def compare_bursts(
    comparison: Comparison, records: Sequence[Records], x: np.ndarray, first: int
) -> None:
    """Advance a comparison over bursts, and compare what the core kept at their ends.

    Parameters
    ----------
    comparison : Comparison
        Behind the first records, which it has compared.
    records : sequence of Records
        Those, and the ones of every burst.
    x : ndarray of int64, shape (bursts, 1 + steps, inputs)
        As `golden_ends` takes it.
    first : int
        Number of the first burst, for people.
    """
    network, plan = comparison.model.network, comparison.plan
    ends = golden_ends(network, plan, records[:-1], x)
    for number, (models, seen) in enumerate(zip(ends, records[1:], strict=True), first):
        before = comparison.totals
        for (model, totals), record in zip(models, seen, strict=True):
            comparison.model, comparison.totals = model, before + totals
            comparison.compare(record, f"burst {number}")
