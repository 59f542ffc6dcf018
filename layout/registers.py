"""The registers of the bus shells: one description for gateware, C header, page and SystemRDL."""

from dataclasses import dataclass
from enum import Enum

from .geometry import Geometry
from .link import PROTOCOL, columns_code

REGISTER_BITS = 32

ADDRESS_BITS, REGION_BITS = 16, 3
"""Of a word of the memories: its number, and which memory."""

WINDOW = 0x80
"""Byte address of the first word of the memory window."""


class Access(Enum):
    """What a bus may do with a field."""

    CONSTANT = "constant"
    READ = "read only"
    STORED = "read, write"
    PULSE = "write 1 to do it"
    CLEARED = "read, write 1 to clear"
    WRITE = "write only"


@dataclass(frozen=True, kw_only=True)
class Field:
    """Bits of a register.

    Parameters
    ----------
    name : str
    at, bits : int
        Its lowest bit, and how many there are.
    access : Access
    text : str
    """

    name: str
    at: int
    bits: int
    access: Access
    text: str

    @property
    def top(self) -> int:
        """Its highest bit."""
        return self.at + self.bits - 1

    @property
    def mask(self) -> int:
        """Its bits in the register."""
        return ((1 << self.bits) - 1) << self.at


@dataclass(frozen=True, kw_only=True)
class Register:
    """A word of 32 bits.

    Parameters
    ----------
    name : str
    address : int
        In bytes.
    fields : tuple of Field
    text : str
    words : int
        How many of them lie behind each other.
    """

    name: str
    address: int
    fields: tuple[Field, ...]
    text: str
    words: int = 1

    def field(self, name: str) -> Field:
        """A field by its name."""
        return next(field for field in self.fields if field.name == name)


def _field(name: str, at: int, bits: int, access: Access, text: str) -> Field:
    return Field(name=name, at=at, bits=bits, access=access, text=text)


def _constant(name: str, at: int, bits: int, text: str) -> Field:
    return _field(name, at, bits, Access.CONSTANT, text)


EVENTS = {
    "frame": "The last output of a frame is there.",
    "refused": "An input came without room, an output was read that was not there, or a word was "
    "asked for while another was under way: it was ignored.",
    "misplaced": "A frame of inputs on the stream ended at another one than the network's last.",
    "fault": "A frame showed that what is loaded is no network: it has no outputs, and inputs are "
    "ignored until `loaded` has been cleared and set again.",
}
"""Bits of the interrupts."""

_CONSTANTS = (
    Register(
        name="identity", address=0x00, text="What this is.",
        fields=(
            _constant("protocol", 0, 8, "Version of the protocol."),
            _field("loaded", 8, 8, Access.READ, "1: a network is there."),
            _constant("lanes", 16, 16, "Multipliers."),
        ),
    ),
    Register(
        name="widths", address=0x04, text="Its widths.",
        fields=(
            _constant("pointwise_lanes", 0, 8, "Units per cycle of the pointwise stage."),
            _constant("weight_bits", 8, 8, "Bits of a weight."),
            _constant("value_bits", 16, 8, "Bits of a value."),
            _constant("columns", 24, 8, "1: columns without their zeros."),
        ),
    ),
    Register(
        name="weight_depths", address=0x08, text="Words of its memories, less one.",
        fields=(
            _constant("weights_minus_1", 0, 16, "Words of the weights."),
            _constant("accumulators_minus_1", 16, 16, "Words of the accumulators."),
        ),
    ),
    Register(
        name="value_depths", address=0x0C, text="Words of its memories, less one.",
        fields=(
            _constant("state_minus_1", 0, 16, "Words of the state."),
            _constant("values_minus_1", 16, 16, "Values that are delta encoded."),
        ),
    ),
    Register(
        name="clock", address=0x10, text="Its clock.",
        fields=(_constant("kilohertz", 0, 32, "As it was generated for."),),
    ),
)  # fmt: skip
"""What was generated."""

_CONTROL = (
    Register(
        name="control", address=0x14, text="What it shall do.",
        fields=(
            _field("loaded", 0, 1, Access.STORED,
                   "The memories hold a network: when it rises a sequence begins."),
            _field("new_sequence", 1, 1, Access.PULSE, "Begin a sequence after this frame."),
            _field("busy", 2, 1, Access.READ,
                   "A frame, a word or a new sequence is under way, or outputs wait."),
        ),
    ),
    Register(
        name="shape", address=0x24, text="Frames of the network that is there.",
        fields=(
            _field("inputs_minus_1", 0, 16, Access.READ, "Inputs, less one."),
            _field("outputs_minus_1", 16, 16, Access.READ, "Outputs, less one."),
        ),
    ),
)  # fmt: skip
"""What runs, and of which network."""

_INTERRUPTS = (
    Register(
        name="interrupt_enable", address=0x28, text="Which events raise `irq`.",
        fields=tuple(
            _field(name, at, 1, Access.STORED, "This one does.") for at, name in enumerate(EVENTS)
        ),
    ),
    Register(
        name="interrupt", address=0x2C, text="What has happened.",
        fields=tuple(
            _field(name, at, 1, Access.CLEARED, text)
            for at, (name, text) in enumerate(EVENTS.items())
        ),
    ),
)  # fmt: skip
"""What has happened, and what of it is told."""

_MEMORIES = (
    Register(
        name="memory_address", address=0x30, text="The next word; it counts up after each.",
        fields=(
            _field("address", 0, ADDRESS_BITS, Access.STORED, "Which word of its memory."),
            _field(
                "region", ADDRESS_BITS, REGION_BITS, Access.STORED, "Which memory: see the regions."
            ),
        ),
    ),
    Register(
        name="memory_command", address=0x34, text="What becomes of that word.",
        fields=(
            _field("read", 0, 1, Access.PULSE, "Fetch it into the window."),
            _field("write", 1, 1, Access.PULSE, "Store the window in it."),
            _field("busy", 2, 1, Access.READ, "It is under way."),
        ),
    ),
)  # fmt: skip
"""Where words of the memories are read and written; the window lies behind."""

_VALUES = (
    Register(
        name="x", address=0x18, text="The next input.",
        fields=(_field("value", 0, 16, Access.WRITE, "Two's complement."),),
    ),
    Register(
        name="y", address=0x1C,
        text="The oldest output, which reading removes.",
        fields=(
            _field("value", 0, 16, Access.READ, "Two's complement, extended to 16 bits."),
            _field("last", 30, 1, Access.READ, "The last one of its frame."),
            _field("valid", 31, 1, Access.READ, "There was one."),
        ),
    ),
    Register(
        name="levels", address=0x20, text="How full the queues are.",
        fields=(
            _field("x_room", 0, 16, Access.READ, "Inputs that may be written now."),
            _field("y_there", 16, 16, Access.READ, "Outputs that may be read now."),
        ),
    ),
)  # fmt: skip
"""Where values go over the bus as well."""


def register_map(*, window_words: int, values: bool) -> tuple[Register, ...]:
    """Every register, by address.

    Parameters
    ----------
    window_words : int
        Words of 32 bits in a word of the widest memory.
    values : bool
        Inputs and outputs go through registers, not through streams of their own.
    """
    window = Register(
        name="memory_window", address=WINDOW, words=window_words,
        text="A word of a memory, lowest bits first.",
        fields=(_field("bits", 0, 32, Access.STORED, "32 bits of the word."),),
    )  # fmt: skip
    found = (*_CONSTANTS, *_CONTROL, *_VALUES * values, *_INTERRUPTS, *_MEMORIES, window)
    return tuple(sorted(found, key=lambda register: register.address))


def constants(geometry: Geometry, clock_khz: int) -> dict[str, int]:
    """Constant fields of an accelerator, as ``register.field``."""
    return {
        "identity.protocol": PROTOCOL,
        "identity.lanes": geometry.lanes,
        "widths.pointwise_lanes": geometry.pointwise_lanes,
        "widths.weight_bits": geometry.weight_bits,
        "widths.value_bits": geometry.value_bits,
        "widths.columns": columns_code(geometry),
        "weight_depths.weights_minus_1": geometry.weight_depth - 1,
        "weight_depths.accumulators_minus_1": geometry.accumulator_depth - 1,
        "value_depths.state_minus_1": geometry.state_depth - 1,
        "value_depths.values_minus_1": geometry.value_depth - 1,
        "clock.kilohertz": clock_khz,
    }


def window_words(geometry: Geometry) -> int:
    """Words of the memory window: those of a word of the weights."""
    return max(1, geometry.weight_word_bits // REGISTER_BITS)
