"""One CRC: gateware, host and Amaranth's catalogue agree."""

import numpy as np
from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.crc.catalog import CRC16_GENIBUS
from amaranth.lib.wiring import In, Out
from block_bench import play

from thresh.gateware.link.crc16 import crc16_step
from thresh.layout.link import CRC_INITIAL, CRC_POLYNOMIAL, CRC_RESIDUE, crc16
from thresh.sim.benches.script import Script

CATALOGUE = CRC16_GENIBUS(data_width=8)


class Register(wiring.Component):
    """The register, as the link uses it."""

    byte: In(8)
    valid: In(1)
    crc: Out(16, init=CRC_INITIAL)

    def elaborate(self, platform):
        m = Module()
        with m.If(self.valid):
            m.d.sync += self.crc.eq(crc16_step(self.crc, self.byte))
        return m


def test_the_register_is_the_catalogues_after_every_byte():
    data = bytes(np.random.default_rng(1).integers(0, 256, 300).tolist())
    script = Script(valid=1)
    for cycle, byte in enumerate(data):
        script.drive(cycle, byte=byte)
        wanted = CATALOGUE.compute(data[: cycle + 1])
        assert crc16(data[: cycle + 1]) == wanted
        script.want(cycle + 1, crc=wanted ^ 0xFFFF)
    play(Register(), script)


def test_a_whole_packet_leaves_the_residue():
    data = b"123456789"
    body = data + crc16(data).to_bytes(2, "big")
    script = Script(valid=0)
    for cycle, byte in enumerate(body):
        script.drive(cycle, byte=byte, valid=1)
    script.want(len(body) + 3, crc=CRC_RESIDUE)
    play(Register(), script)


def test_constants_are_the_catalogues():
    algorithm = CATALOGUE.algorithm
    assert (algorithm.initial_crc, algorithm.polynomial) == (CRC_INITIAL, CRC_POLYNOMIAL)
    assert CATALOGUE.residue() == CRC_RESIDUE
