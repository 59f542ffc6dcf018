"""The core with its columns in SDRAM, beside its chip, in the Amaranth simulator."""

from core_driver import CoreDriver
from sdram_bench import CLOCK_HZ, QUICK_SDRAM, chip_bench

from thresh.gateware.streamed_core import StreamedCore
from thresh.model.link import Counter
from thresh.model.streamed_image import build_streamed_image
from thresh.sim.sdram_model import SdramModel


class StreamedDriver(CoreDriver):
    """Drives a `StreamedCore` as the `CoreDriver` drives a core.

    Parameters
    ----------
    geometry : Geometry
    primitives : Primitives or None
    """

    def __init__(self, geometry, primitives=None):
        core = StreamedCore(
            geometry=geometry, primitives=primitives, chip=QUICK_SDRAM, clock_hz=CLOCK_HZ
        )
        super().__init__(geometry, core=core)
        self.chip = SdramModel(QUICK_SDRAM, CLOCK_HZ)
        self.simulator.add_testbench(chip_bench(core.pins, self.chip), background=True)

    def load(self, network):
        """Write a network's image, its columns straight into the chip."""
        image = build_streamed_image(network, self.geometry, QUICK_SDRAM)
        self.chip.load(0, image.columns)
        self.load_image(image)

    def observe(self):
        """A record as the other core's: busy cycles per P weights, as P lanes would have them."""
        record = super().observe()
        counters = record["COUNTERS"].view("<u4").reshape(-1)
        assert counters[Counter.BUSY_CYCLES] % self.geometry.vector == 0
        counters[Counter.BUSY_CYCLES] //= self.geometry.vector
        return record
