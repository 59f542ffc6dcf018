"""Kinds of layer as data: gates, passes and pointwise programs.

A cell has *gates* (groups of H weight rows), *passes* (which gate's columns are multiplied with
which events, each ending in its own accumulator of the delta memory) and a pointwise *program*
that turns the accumulators of one unit into its next state. The golden model, the float model,
the gateware and the image all read this one description.
"""

from dataclasses import dataclass

from .arithmetic import GATE_INTEGER_BITS, PRE_INTEGER_BITS, STATE_INTEGER_BITS

TEMPORARIES = ("t0", "t1", "t2", "t3", "t4")
"""Registers of the pointwise unit that live for one unit of one step."""

PERSISTENT = ("h", "s")
"""Registers kept between steps: the state h, and the cell state s of an LSTM."""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One pass over the nonzero lists: gate row group, and the events it multiplies.

    Parameters
    ----------
    gate : int
        Row group whose columns are fetched.
    hidden, inputs : bool
        Whether the layer's own hidden deltas and its input deltas take part.
    """

    gate: int
    hidden: bool
    inputs: bool


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """``result = f(saturate(C + shift_round(A * (B - C?), shift)))`` on integers.

    Parameters
    ----------
    accumulator : bool
        B is the next pass's accumulator, narrowed to the pre-activation format.
    a, b, c : str or None
        Registers; without ``a`` there is no product and B passes through, without ``c`` it is 0.
        A is the result of a sigmoid, so it is never negative.
    lerp : bool
        Subtract C from B before the product, so that the result is ``C + A (B - C)``.
    to_pre : bool
        The product goes from state to pre-activation scale: 3 more bits of shift.
    function : str
        A name in `thresh.model.arithmetic.FUNCTIONS`.
    result : str
        Register written.
    settles : bool
        The result is a state that this instruction also reads as B: a step in which no unit's
        value changes leaves the layer settled.
    """

    result: str
    accumulator: bool = False
    a: str | None = None
    b: str | None = None
    c: str | None = None
    lerp: bool = False
    to_pre: bool = False
    function: str = "identity"
    settles: bool = False

    def shift(self, value_bits: int) -> int:
        """Right shift after the product, in bits."""
        extra = PRE_INTEGER_BITS - STATE_INTEGER_BITS if self.to_pre else 0
        return value_bits - GATE_INTEGER_BITS + extra


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One kind of layer.

    Parameters
    ----------
    code : int
        Number in layer tables and images, 0 to 15.
    gates : tuple of str
        Row groups, in the order in which the image stores them.
    passes : tuple of Pass
        One accumulator each, in the order in which the program consumes them.
    program : tuple of Instruction
    integer_bits : int
        Integer bits of the output, sign included: its format is Q(integer_bits-1).(V-integer_bits).
    """

    code: int
    gates: tuple[str, ...]
    passes: tuple[Pass, ...]
    program: tuple[Instruction, ...]
    integer_bits: int

    @property
    def recurrent(self) -> bool:
        """Whether the layer's own output is an input of its next step."""
        return any(pass_.hidden for pass_ in self.passes)

    @property
    def linear(self) -> bool:
        """Whether a step's output follows from that step's inputs alone, in one instruction."""
        return not self.recurrent and len(self.program) == 1

    @property
    def persistent(self) -> tuple[str, ...]:
        """Registers kept between steps."""
        written = {instruction.result for instruction in self.program}
        return tuple(name for name in PERSISTENT if name in written)


def _recurrent(*gates: int) -> tuple[Pass, ...]:
    return tuple(Pass(gate=gate, hidden=True, inputs=True) for gate in gates)


def _single(code: int, function: str, integer_bits: int, *, recurrent: bool) -> Cell:
    return Cell(
        code=code,
        gates=("c",),
        passes=(Pass(gate=0, hidden=recurrent, inputs=True),),
        program=(Instruction(result="h", accumulator=True, function=function),),
        integer_bits=integer_bits,
    )


def _leaky(code: int, function: str, integer_bits: int, *, recurrent: bool) -> Cell:
    """``h = c + u (h - c)``, where ``u = sigmoid(M_u)`` and ``c = f(M_c)`` in h's own format."""
    return Cell(
        code=code,
        gates=("u", "c"),
        passes=tuple(Pass(gate=gate, hidden=recurrent, inputs=True) for gate in (0, 1)),
        program=(
            Instruction(result="t0", accumulator=True, function="sigmoid"),
            Instruction(result="t1", accumulator=True, function=function),
            Instruction(result="h", a="t0", b="h", c="t1", lerp=True, settles=True),
        ),
        integer_bits=integer_bits,
    )


CELLS = {
    # GRU, reset after (paper eq. 10 to 14): h = (1 - u) c + u h, c = tanh(M_xc + r M_hc). The
    # passes r, M_hc, u, M_xc come in an order that keeps the pointwise pipeline full.
    "gru": Cell(
        code=1,
        gates=("r", "u", "c"),
        passes=(
            *_recurrent(0),
            Pass(gate=2, hidden=True, inputs=False),
            *_recurrent(1),
            Pass(gate=2, hidden=False, inputs=True),
        ),
        program=(
            Instruction(result="t0", accumulator=True, function="sigmoid"),
            Instruction(result="t2", accumulator=True, a="t0"),
            Instruction(result="t1", accumulator=True, function="sigmoid"),
            Instruction(result="t3", accumulator=True, c="t2", function="tanh"),
            Instruction(result="h", a="t1", b="h", c="t3", lerp=True, settles=True),
        ),
        integer_bits=STATE_INTEGER_BITS,
    ),
    "linear": _single(2, "identity", PRE_INTEGER_BITS, recurrent=False),
    "linear_relu": _single(3, "relu", PRE_INTEGER_BITS, recurrent=False),
    "linear_sigmoid": _single(4, "sigmoid", GATE_INTEGER_BITS, recurrent=False),
    "linear_tanh": _single(5, "tanh", STATE_INTEGER_BITS, recurrent=False),
    "rnn_tanh": _single(6, "tanh", STATE_INTEGER_BITS, recurrent=True),
    "rnn_relu": _single(7, "relu", PRE_INTEGER_BITS, recurrent=True),
    # LSTM: s = f s + i g, h = o tanh(s); s is kept in the pre-activation format.
    "lstm": Cell(
        code=8,
        gates=("i", "f", "g", "o"),
        passes=_recurrent(0, 1, 2, 3),
        program=(
            Instruction(result="t0", accumulator=True, function="sigmoid"),
            Instruction(result="t1", accumulator=True, function="sigmoid"),
            Instruction(result="t2", accumulator=True, function="tanh"),
            Instruction(result="t3", accumulator=True, function="sigmoid"),
            Instruction(result="t2", a="t0", b="t2", to_pre=True),
            Instruction(result="s", a="t1", b="s", c="t2", settles=True),
            Instruction(result="t4", b="s", function="tanh"),
            Instruction(result="h", a="t3", b="t4"),
        ),
        integer_bits=STATE_INTEGER_BITS,
    ),
    # Light GRU (Ravanelli 2018): no reset gate. State and candidate have the pre-activation format.
    "li_gru": _leaky(9, "relu", PRE_INTEGER_BITS, recurrent=True),
    # minGRU (Feng 2024): gate and candidate see the inputs alone; its z is 1 - u here, whose
    # weights and bias have the opposite sign. Without the tanh, h - c would not fit V bits.
    "min_gru": _leaky(10, "tanh", STATE_INTEGER_BITS, recurrent=False),
}
"""Every kind of layer by name."""

KIND_OF_CODE = {cell.code: kind for kind, cell in CELLS.items()}
"""Kind by its number in images."""
