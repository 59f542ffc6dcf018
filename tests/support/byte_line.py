"""The accelerator in the Amaranth simulator, a byte at a time instead of a bit."""

from amaranth import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from thresh.gateware import accelerator
from thresh.layout.link import END

TIMEOUT = 20_000
"""Cycles after which an accelerator that neither answers nor rests has hung."""


class ByteReceiver(wiring.Component):
    """In place of a `UartReceiver`: the bench drives its stream."""

    def __init__(self, *, divisor):
        self.divisor = divisor
        super().__init__({"rx": In(1), "o": Out(stream.Signature(8)), "broken": Out(1)})

    def elaborate(self, platform):
        return Module()


class ByteTransmitter(wiring.Component):
    """In place of a `UartTransmitter`: the bench takes from its stream."""

    def __init__(self, *, divisor):
        super().__init__({"tx": Out(1), "i": In(stream.Signature(8))})

    def elaborate(self, platform):
        return Module()


class ByteLine:
    """A device with ``receive``, as a `DeviceTwin`: packets in, what it answers out.

    Parameters
    ----------
    geometry : Geometry
    monkeypatch : pytest.MonkeyPatch
    clock_khz : int
    **options
        Of the `Accelerator`.

    Attributes
    ----------
    stalls : callable
        Whether the line takes no byte in a cycle, by the cycle's number and the bytes of the answer
        that it has taken.
    """

    def __init__(self, geometry, monkeypatch, clock_khz=48_000, **options):
        self.ends = {}
        for name, kind in (("UartReceiver", ByteReceiver), ("UartTransmitter", ByteTransmitter)):
            monkeypatch.setattr(accelerator, name, self._keep(kind))
        self.unit = accelerator.Accelerator(
            geometry=geometry, clock_hz=1000 * clock_khz, baud=1_000_000, **options
        )
        self.simulator = Simulator(self.unit)
        self.simulator.add_clock(1e-6)
        self.simulator.add_testbench(self._bench)
        self.stalls = lambda cycle, taken: False
        self.cycle = 0
        self._begun = b""
        self._question = self._answer = None

    def _keep(self, kind):
        def make(**arguments):
            self.ends[kind] = kind(**arguments)
            return self.ends[kind]

        return make

    def receive(self, data):
        """Send ``data``, packet by packet; the answers."""
        answers = b""
        for byte in data:
            self._begun += bytes((byte,))
            if byte == END and self._begun.strip(bytes((END,))):
                answers += self._ask(self._begun)
                self._begun = b""
        return answers

    def _ask(self, packet):
        self._question, self._answer = packet, None
        while self._answer is None:
            self.simulator.advance()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def _bench(self, ctx):
        while True:
            if self._question is None:
                await ctx.tick()
                continue
            question, self._question = self._question, None
            try:
                self._answer = await self._exchange(ctx, question)
            except Exception as error:
                self._answer = error

    async def _exchange(self, ctx, question):
        """Bytes come one a cycle; the answer ends with its second END."""
        source, sink = self.ends[ByteReceiver].o, self.ends[ByteTransmitter].i
        answer, offered = bytearray(), None

        async def tick():
            nonlocal offered
            ready = not self.stalls(self.cycle, len(answer))
            ctx.set(sink.ready, ready)
            _, _, valid, byte = await ctx.tick().sample(sink.valid, sink.payload)
            self.cycle += 1
            assert offered is None or (valid and byte == offered), "A byte that waits changed"
            offered = byte if valid and not ready else None
            if valid and ready:
                answer.append(byte)

        for byte in question:
            ctx.set(source.valid, 1)
            ctx.set(source.payload, byte)
            await tick()
        ctx.set(source.valid, 0)
        for _ in range(TIMEOUT):
            await tick()
            if answer.count(END) == 2:
                # What comes while a packet is still held is lost.
                for _ in range(4):
                    await tick()
                return bytes(answer)
        raise AssertionError(f"The accelerator hangs: {bytes(answer).hex()} is all it answers")
