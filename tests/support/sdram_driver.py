"""The core with its columns in SDRAM, beside its chip, in the Amaranth simulator."""

from core_driver import CoreDriver
from sdram_bench import CLOCK_HZ, QUICK_SDRAM, chip_bench

from thresh.gateware.core import Core
from thresh.gateware.sdram.sdram_setup import SdramSetup
from thresh.layout.geometry import Geometry
from thresh.layout.layer_table import PAGE_WORD
from thresh.layout.link import Region
from thresh.layout.sdram_image import build_sdram_image
from thresh.sim.comparison import Comparison
from thresh.sim.sdram_model import SdramModel

SHAPE = Geometry(
    columns="sdram",
    sparse=True,
    lanes=16,
    pointwise_lanes=2,
    weight_depth=256,
    accumulator_depth=512,
    state_depth=256,
    value_depth=128,
)
NARROW = Geometry(
    columns="sdram", sparse=True, lanes=32, pointwise_lanes=4, weight_bits=4,
    weight_depth=256, accumulator_depth=256, state_depth=128, value_depth=128,
)  # fmt: skip


START_CYCLES = 600
"""In which the chip rests after power-up and is initialised."""


class SdramDriver(CoreDriver):
    """Drives a `Core` with columns in SDRAM as the `CoreDriver` drives a core.

    Parameters
    ----------
    geometry : Geometry
    primitives : Primitives or None
    sparse : bool or None
        As `build_sdram_image` takes it.
    """

    def __init__(self, geometry, primitives=None, sparse=None):
        self.sparse = sparse
        sdram = SdramSetup(chip=QUICK_SDRAM, clock_hz=CLOCK_HZ)
        core = Core(geometry=geometry, primitives=primitives, sdram=sdram)
        super().__init__(geometry, core=core)
        self.chip = SdramModel(QUICK_SDRAM, CLOCK_HZ)
        self.simulator.add_testbench(chip_bench(core.pins, self.chip), background=True)

    def load(self, network):
        """Write a network's image, its columns straight into the chip."""
        image = build_sdram_image(network, self.geometry, QUICK_SDRAM, self.sparse)
        self.chip.load(0, image.columns)
        self.load_image(image)

    def load_columns(self, image):
        """Write an image's columns through the access port, a word every 48 cycles, as the link."""

        async def job(ctx):
            access, window = self.core.access, self.geometry.weight_depth // 2
            ctx.set(access.enable, 1)
            await ctx.tick().repeat(START_CYCLES)

            async def write(region, address, word):
                ctx.set(access.region, region)
                ctx.set(access.address, address)
                ctx.set(access.write_data, word)
                await ctx.tick()
                ctx.set(access.write, 1)
                await ctx.tick()
                ctx.set(access.write, 0)
                await ctx.tick().repeat(46)

            for page, bursts in image.pages(window):
                await write(Region.TABLE, PAGE_WORD, page)
                for number, burst in enumerate(bursts):
                    await write(
                        Region.WEIGHTS, window + number, int.from_bytes(burst.tobytes(), "little")
                    )
            ctx.set(access.enable, 0)
            await ctx.tick()

        self.do(job)

    def comparison(self, network):
        """As the `CoreDriver`'s: the lanes work for a cycle on every word of a column."""
        return Comparison(network, self.plan)
