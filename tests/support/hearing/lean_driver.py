"""Drives a core that cannot be read: its memories are looked at inside the simulation."""

from contextlib import ExitStack
from unittest import mock

from core_driver import CoreDriver

from thresh.gateware.core import Core
from thresh.gateware.encode.reference_memory import ReferenceMemory
from thresh.gateware.pointwise.delta_memory import DeltaMemory
from thresh.layout.link import Region
from thresh.sim.comparison import Comparison

LEAN = {"counters": False, "readback": False, "shares_multiplier": True}
"""Options of a core for a device."""

MEMORIES = {Region.ACCUMULATORS: DeltaMemory, Region.REFERENCES: ReferenceMemory}


class LeanComparison(Comparison):
    """Every integer but the counters."""

    def _counters(self):
        return iter(())


class LeanDriver(CoreDriver):
    """A lean core of one pointwise lane under the Amaranth simulator.

    Parameters
    ----------
    geometry : Geometry
    primitives : Primitives or None
    """

    def __init__(self, geometry, primitives=None):
        self._kept = {}
        with ExitStack() as stack:
            for region, kind in MEMORIES.items():
                stack.enter_context(mock.patch.object(kind, "elaborate", self._keep(region, kind)))
            super().__init__(geometry, core=Core(geometry=geometry, primitives=primitives, **LEAN))

    def _keep(self, region, kind):
        """``kind.elaborate``, that notes the memory it makes."""
        elaborate = kind.elaborate

        def elaborate_and_keep(component, platform):
            module = elaborate(component, platform)
            assert region not in self._kept
            self._kept[region] = module.submodules
            return module

        return elaborate_and_keep

    async def _read(self, ctx, region, addresses):
        if region == Region.COUNTERS:
            return [0 for _ in addresses]
        if region == Region.STATE:
            return await super()._read(ctx, region, addresses)
        return [ctx.get(self._word(region, address)) for address in addresses]

    def _word(self, region, address):
        """A word of a memory, which may have a second part behind the first."""
        kept = self._kept[region]
        if hasattr(kept, "memory"):
            return kept.memory.data[address]
        first = kept.memory_0.depth
        return (
            kept.memory_0.data[address] if address < first else kept.memory_1.data[address - first]
        )

    def comparison(self, network):
        return LeanComparison(network, self.plan)
