"""Several blocks side by side in one Verilog module, for the benches of single blocks."""

from amaranth.hdl import Const, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from thresh.gateware.columns.column_mac import ColumnMAC
from thresh.gateware.core import Core
from thresh.gateware.encode.delta_encoder import DeltaEncoder
from thresh.gateware.encode.nonzero_queue import NonzeroQueue
from thresh.gateware.link.packet_receiver import PacketReceiver
from thresh.gateware.link.uart import UartReceiver, UartTransmitter
from thresh.gateware.pointwise.activation import Activation, Function
from thresh.gateware.pointwise.gate_update import GateUpdate
from thresh.gateware.verilog import generate
from thresh.layout.geometry import Geometry
from thresh.layout.link import READ_LATENCY

GEOMETRY = Geometry(
    lanes=8,
    pointwise_lanes=2,
    weight_depth=1024,
    accumulator_depth=512,
    state_depth=256,
    value_depth=64,
)
DIVISOR = 8
PACKET_BYTES = 64


class BlockTop(wiring.Component):
    """Blocks by name; the port ``i.valid`` of ``encoder`` is called ``encoder_i_valid``."""

    def __init__(self, **blocks):
        self.blocks = blocks
        self.wires = {}
        for name, block in blocks.items():
            for path, member, value in block.signature.flatten(block):
                if not isinstance(value, Const):
                    self.wires["_".join(map(str, (name, *path)))] = (member, value)
        super().__init__({name: member for name, (member, _) in self.wires.items()})

    def elaborate(self, platform):
        m = Module()
        for name, block in self.blocks.items():
            m.submodules[name] = block
        for name, (member, inner) in self.wires.items():
            outer = getattr(self, name)
            m.d.comb += outer.eq(inner) if member.flow == Out else inner.eq(outer)
        return m


def update_latencies(update):
    """Of a `GateUpdate`, for its script."""
    return {
        "operands": update.OPERANDS,
        "changed": update.changed_latency,
        "result": update.latency,
    }


def blocks_verilog():
    """Verilog of module ``thresh_blocks`` and the sizes and latencies of its blocks."""
    bits, depth = GEOMETRY.value_bits, GEOMETRY.value_depth
    lanes, pointwise_lanes, weight_bits = (
        GEOMETRY.lanes,
        GEOMETRY.pointwise_lanes,
        GEOMETRY.weight_bits,
    )
    mac = ColumnMAC(
        lanes=lanes, pointwise_lanes=pointwise_lanes, weight_bits=weight_bits, value_bits=bits
    )
    update, activation = GateUpdate(value_bits=bits), Activation(value_bits=bits)
    encoder = DeltaEncoder(value_bits=bits, depth=depth)
    top = BlockTop(
        encoder=encoder,
        queue=NonzeroQueue(value_bits=bits, depth=depth),
        activation=activation,
        mac=mac,
        update=update,
        transmitter=UartTransmitter(divisor=DIVISOR),
        receiver=UartReceiver(divisor=DIVISOR),
        packets=PacketReceiver(packet_bytes=PACKET_BYTES),
        core=Core(geometry=GEOMETRY),
    )
    shape = {
        "value_bits": bits,
        "weight_bits": weight_bits,
        "lanes": lanes,
        "pointwise_lanes": pointwise_lanes,
        "depth": depth,
        "address_bits": encoder.address_bits,
        "divisor": DIVISOR,
        "packet_bytes": PACKET_BYTES,
        "functions": {function.name: function.value for function in Function},
        "encoder_latency": encoder.latency(encoder.read_latency),
        "activation_latency": activation.latency,
        "update_latencies": update_latencies(update),
        "lane_latency": mac.mac_lane.latency,
        "read_latency": READ_LATENCY,
    }
    return generate(top, "thresh_blocks"), shape
