"""What an SDRAM needs beside reads and writes: initialisation and refresh."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.sdram_chip import ALL_BANKS, SdramCommand

from .sdram_ports import BURST, BURST_MODE


class SdramUpkeep(wiring.Component):
    """Power-up, mode and refreshes; between them the chip is free.

    A refresh takes tRP + tRFC + 2 cycles, from the moment the chip is quiet.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip
    wait : dict
        From `thresh.gateware.sdram.sdram_ports.waits`.

    Members
    -------
    idle : Out(1)
        Other commands may be given now.
    quiet : In(1)
        Every bank may be closed, and no command was given in the last cycle.
    command, address : Out
        What is given now, `SdramCommand.NOP` where there is nothing.
    close_all : Out(1)
        Every bank is being closed.
    ready : Out(1)
        The chip has been initialised.
    """

    def __init__(self, *, chip, wait):
        self.chip = chip
        self.wait = wait
        super().__init__(
            {
                "idle": Out(1),
                "quiet": In(1),
                "command": Out(SdramCommand),
                "address": Out(chip.row_bits),
                "close_all": Out(1),
                "ready": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        wait = self.wait
        # A refresh that is due waits for a burst, for its bank and for the commands around.
        every = wait["refresh_every"] - (BURST + wait["write_recovery"] + wait["precharge"] + 4)
        due, age = Signal(), Signal(range(every + 1))
        left = Signal(range(wait["power_up"] + 2), init=wait["power_up"] + 1)
        refreshes = Signal(range(self.chip.first_refreshes + 1), init=self.chip.first_refreshes)
        passed = Signal()
        m.d.sync += [
            age.eq(Mux(due, age, age + 1)),
            due.eq(due | (age == every - 1)),
            passed.eq(left <= 1),
        ]
        with m.If(left != 0):
            m.d.sync += left.eq(left - 1)

        def give(command, name, address=0):
            m.d.comb += [self.command.eq(command), self.address.eq(address)]
            m.d.sync += [left.eq(wait[name] - 1), passed.eq(wait[name] == 1)]

        with m.FSM():
            with m.State("POWER_UP"):
                with m.If(passed):
                    give(SdramCommand.PRECHARGE, "precharge", ALL_BANKS)
                    m.next = "REFRESH"
            with m.State("REFRESH"):
                with m.If(passed):
                    give(SdramCommand.REFRESH, "refresh")
                    m.d.sync += [age.eq(0), due.eq(0)]
                    with m.If(self.ready):
                        m.next = "RESUME"
                    with m.Else():
                        m.d.sync += refreshes.eq(refreshes - 1)
                        with m.If(refreshes == 1):
                            m.next = "SET_MODE"
            with m.State("SET_MODE"):
                with m.If(passed):
                    mode = self.chip.cas_latency << 4 | BURST_MODE
                    give(SdramCommand.SET_MODE, "set_mode", mode)
                    m.d.sync += self.ready.eq(1)
                    m.next = "RESUME"
            with m.State("RESUME"):
                with m.If(passed):
                    m.next = "IDLE"
            with m.State("IDLE"):
                m.d.comb += self.idle.eq(~due)
                with m.If(due & self.quiet):
                    m.d.comb += self.close_all.eq(1)
                    give(SdramCommand.PRECHARGE, "precharge", ALL_BANKS)
                    m.next = "REFRESH"
        return m
