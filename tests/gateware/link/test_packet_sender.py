"""Answers leave escaped, with their CRC, as often as they are asked for."""

import numpy as np
import pytest
from block_bench import simulate

from thresh.gateware.link.packet_sender import PacketSender
from thresh.layout.link import END, ESCAPE, packet


def run(steps, *, stalls=False, nonce=0):
    """Bytes sent for steps of ("put", bytes), ("send",) or ("refuse", sequence, status, plain)."""
    unit, sent = PacketSender(packet_bytes=64), []
    random = np.random.default_rng(0)

    async def bench(ctx):
        ctx.set(unit.nonce, nonce)
        for action, *arguments in steps:
            if action == "put":
                ctx.set(unit.clear, 1)
                await ctx.tick()
                ctx.set(unit.clear, 0)
                ctx.set(unit.put, 1)
                for byte in arguments[0]:
                    ctx.set(unit.byte, byte)
                    await ctx.tick()
                ctx.set(unit.put, 0)
                continue
            ctx.set(unit.send if action == "send" else unit.refuse, 1)
            ctx.set(unit.plain, 1)  # which says nothing of an answer
            if arguments:
                ctx.set(unit.sequence, arguments[0])
                ctx.set(unit.status, arguments[1])
                ctx.set(unit.plain, arguments[2])
            await ctx.tick()
            ctx.set(unit.send, 0)
            ctx.set(unit.refuse, 0)
            ctx.set(unit.sequence, 0x5A)
            while ctx.get(unit.busy):
                ready = not stalls or random.random() < 0.3
                ctx.set(unit.o.ready, ready)
                _, _, valid, byte = await ctx.tick().sample(unit.o.valid, unit.o.payload)
                if valid and ready:
                    sent.append(byte)
            ctx.set(unit.o.ready, 0)

    simulate(unit, bench)
    return bytes(sent)


@pytest.mark.parametrize("nonce", [0, 0xFFFF, 0x1234])
@pytest.mark.parametrize("stalls", [False, True])
def test_sends_what_was_put(stalls, nonce):
    random = np.random.default_rng(4)
    steps, wanted = [], b""
    for _ in range(20):
        payload = bytes(
            random.choice([0, 7, END, ESCAPE, 0xDC, 255], random.integers(0, 50)).astype(np.uint8)
        )
        sequence, status = random.choice([1, END, ESCAPE, 200], 2)
        steps += [("put", bytes((sequence, status)) + payload), ("send",)]
        wanted += packet(int(sequence), int(status), payload, nonce)
    assert run(steps, stalls=stalls, nonce=nonce) == wanted


@pytest.mark.parametrize("nonce", [0, 0xBEEF])
@pytest.mark.parametrize("stalls", [False, True])
def test_a_refusal_leaves_the_answer_as_it_was(stalls, nonce):
    kept = bytes((9, 0x86)) + bytes(range(40))
    refusals = [("refuse", 7, 0xE1, 0), ("refuse", 0xC0, 0xDB, 1)]
    steps = [("put", kept), ("send",), refusals[0], ("send",), refusals[1], ("send",)]
    answer = packet(9, 0x86, bytes(range(40)), nonce)
    wanted = answer + packet(7, 0xE1, b"", nonce) + answer + packet(0xC0, 0xDB) + answer
    assert run(steps, stalls=stalls, nonce=nonce) == wanted
