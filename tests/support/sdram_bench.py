"""A controller and the chip it drives, in the Amaranth simulator."""

from dataclasses import replace

from amaranth.sim import Simulator
from block_bench import stream_rules

from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.sim.sdram_model import SdramModel, SdramViolation

CLOCK_HZ = 120e6

QUICK_SDRAM = replace(ULX3S_SDRAM, power_up=2000)
"""The same chip without its long rest at power-up."""

TIMEOUT = 200_000
"""Cycles after which a bench that has not ended has hung."""


def chip_bench(pins, model, violations=None):
    """The chip as a background testbench of whatever has these pins.

    With a list of ``violations``, the first one ends up there and the chip falls silent.
    """

    async def bench(ctx):
        driven = None
        outputs = (pins.command, pins.bank, pins.address, pins.dq_oe, pins.dq_o, pins.mask)
        async for _, _, command, bank, address, enable, value, mask in ctx.tick().sample(*outputs):
            try:
                driven = model.step(int(command), bank, address, value if enable else None, mask)
            except SdramViolation as violation:
                if violations is None:
                    raise
                violations.append(violation)
                return
            # Nobody drives: a wrong word, so that reading it is noticed.
            ctx.set(pins.dq_i, 0xDEAD if driven is None else driven)

    return bench


def simulate_with_chip(component, bench, *, chip=QUICK_SDRAM, clock_hz=CLOCK_HZ, model=None):
    """Run ``bench`` to its end beside a chip at ``component.pins``; returns the chip's model.

    Raises the first `SdramViolation` at the end.
    """
    violations = []
    model = model or SdramModel(chip, clock_hz)
    simulator = Simulator(component)
    simulator.add_clock(1 / clock_hz)
    simulator.add_testbench(chip_bench(component.pins, model, violations), background=True)
    simulator.add_testbench(bench)
    simulator.add_testbench(stream_rules(o=component.o), background=True)
    for _ in range(3 * TIMEOUT):
        if not simulator.advance():
            if violations:
                raise violations[0]
            return model
    raise AssertionError(f"The block hangs: nothing ended within {TIMEOUT} cycles")
