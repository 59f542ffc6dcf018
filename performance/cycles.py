"""Cycles of a step, predicted from what fires alone.

The prediction follows the accelerator's pipeline event by event: marks of passes, captures,
instructions, state words and list ends. A step run by itself costs exactly what it says.
"""

from collections.abc import Sequence
from itertools import product

from thresh.layout.memory_map import NetworkMap
from thresh.layout.sizes import ceil_div

from .sparse_cycles import SparseRun
from .step_run import StepRun
from .timing import Timing

Lists = Sequence[tuple[int, int] | None]
"""Events of a step: per layer, of its hidden list and of its input list; None where the layer
has settled and receives nothing, so that it is skipped."""


class CycleModel:
    """Cycles of the steps of one network on one accelerator.

    Parameters
    ----------
    placement : NetworkMap
        Of the network, see `thresh.layout.placement.measure`.
    timing : Timing
    """

    def __init__(self, placement: NetworkMap, timing: Timing) -> None:
        self.timing = timing
        self.geometry = placement.geometry
        self.layers = placement.layers

    def ideal(self, lists: Lists) -> int:
        """Cycles that the lanes alone need: events times blocks and passes, or words."""
        return sum(
            layer.event_cycles[0] * events[0] + layer.event_cycles[1] * events[1]
            for layer, events in zip(self.layers, lists, strict=True)
            if events
        )

    def worst(self) -> int:
        """The most cycles that a step can cost.

        More events cost no less, but for the first: a layer without hidden events begins a cycle
        later. So a step in which everything fires is beaten, if at all, by one without them.
        """
        choices = [{(layer.hidden, layer.inputs), (0, layer.inputs)} for layer in self.layers]
        sent = [self.spread(number, layer.units) for number, layer in enumerate(self.layers)]
        return max(self.step(lists, sent) for lists in product(*choices))

    def step(self, lists: Lists, sent: Sequence[Sequence[int]] | None = None) -> int:
        """Cycles of one step by itself, from its last input to its last output.

        Parameters
        ----------
        lists : Lists
        sent : sequence per layer, optional
            Values that fire of each word of S units of the new state. When it is not given they
            are taken to lie evenly: as many as the next layer receives, or of the last layer as it
            received of its own. It decides little, and nothing where S = 1.
        """
        kind = SparseRun if self.timing.columns else StepRun
        run = kind(self.geometry, self.timing)
        if not self.timing.skips:
            lists = [events or (0, 0) for events in lists]
        for number, (layer, events) in enumerate(zip(self.layers, lists, strict=True)):
            if events is None:
                run.skip()
                continue
            counts: Sequence[int] = ()
            if layer.encoded and sent is not None:
                counts = sent[number]
            elif layer.encoded:
                following = lists[number + 1] if number + 1 < len(lists) else None
                counts = self.spread(number, following[1] if following else events[0])
            run.layer(layer, *events, counts)
        return run.complete + 2

    def spread(self, layer: int, fires: int) -> list[int]:
        """``fires`` values of a layer's units, evenly: how many in each word of S."""
        units, pointwise_lanes = self.layers[layer].units, self.geometry.pointwise_lanes
        counts = [0] * ceil_div(units, pointwise_lanes)
        for number in range(fires):
            counts[number * units // fires // pointwise_lanes] += 1
        return counts
