"""Messages from the memory to the line: those that the host's reader expects."""

from amaranth.hdl import DomainRenamer, Module
from amaranth.sim import Simulator

from thresh.gateware.device.message_sender import MessageSender
from thresh.gateware.link.uart import UartReceiver
from thresh.layout.device_link import FrameReport, Heard, Identity, MessageReader, encode
from thresh.layout.device_memories import PAYLOAD, message_words

FRAME = FrameReport(
    frame=9, label=2, score=-300, heard=True, cycles=4660, events=(3, 4),
    features=(-1, 2, -32768, 32767), outputs=(5, -6),
)  # fmt: skip
HEARD = Heard(frame=9, label=2, score=-300)
NETWORK = Identity(bands=4, classes=2, layers=1, output_frac=12, network=0x12345678)


def payload(message):
    """(address, word) of a message's words."""
    body = encode(message)[4:-1]
    words = [int.from_bytes(body[place : place + 2], "little") for place in range(0, len(body), 2)]
    return [(PAYLOAD + number, word) for number, word in enumerate(words)]


def sent(steps):
    """Messages that come of steps of (memory writes, whether a frame; None for an identity)."""
    m = Module()
    m.submodules.sender = sender = MessageSender(bit_cycles=8)
    m.submodules.line = line = DomainRenamer("audio")(UartReceiver(divisor=8))
    m.d.comb += [line.rx.eq(sender.tx), line.o.ready.eq(1)]
    reader, messages = MessageReader(), []

    async def core(ctx):
        for writes, frame in steps:
            for address, word in writes:
                ctx.set(sender.address, address)
                ctx.set(sender.data, word)
                ctx.set(sender.write, 1)
                await ctx.tick()
            ctx.set(sender.write, 0)
            before = len(messages)
            ctx.set(sender.identify, frame is None)
            await ctx.tick("audio")
            ctx.set(sender.identify, 0)
            if frame is not None:
                ctx.set(sender.frame, frame)
                ctx.set(sender.wanted, 1)
                await ctx.tick("audio").until(sender.answer)
                ctx.set(sender.wanted, 0)
            for _ in range(4000):
                if len(messages) > before:
                    break
                await ctx.tick("audio")

    async def host(ctx):
        async for _, _, valid, byte in ctx.tick("audio").sample(line.o.valid, line.o.payload):
            if valid:
                messages.extend(reader.feed(bytes((byte,))))

    simulator = Simulator(m)
    simulator.add_clock(1.3e-6)
    simulator.add_clock(1e-6, domain="audio")
    simulator.add_testbench(core)
    simulator.add_testbench(host, background=True)
    simulator.run()
    assert reader.noise == 0
    return messages


def test_identities_frames_and_words():
    memory = [*enumerate(message_words(NETWORK, 2))]
    steps = [([], None), (memory, None), (payload(FRAME), True), (payload(HEARD), False)]
    assert sent([*steps, ([], None)]) == [Identity(), NETWORK, FRAME, HEARD, NETWORK]
