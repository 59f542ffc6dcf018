"""One step of any cell in PyTorch operations, in floating point or in the arithmetic contract."""

from collections.abc import Iterable

from torch import Tensor

from thresh.model.arithmetic import gate_format, pre_format, state_format
from thresh.model.cells import CELLS, Instruction

from . import quantise


class CellMath:
    """The pointwise program of a cell.

    Parameters
    ----------
    kind : str
        A name in `thresh.model.cells.CELLS`.
    value_bits : int
        0 for floating point; else the arithmetic contract's width, in float64.
    """

    def __init__(self, kind: str, value_bits: int) -> None:
        self.cell = CELLS[kind]
        self.value_bits = value_bits
        if value_bits:
            state = value_bits - self.cell.integer_bits
            self.fracs = {"h": state, "s": pre_format(value_bits).frac}

    def step(self, accumulators: Iterable[Tensor], registers: dict[str, Tensor]) -> None:
        """Turn accumulators, one per pass, into new values of the registers, each (batch, H)."""
        pending = iter(accumulators)
        for op in self.cell.program:
            value = next(pending) if op.accumulator else registers[op.b]
            addend = registers[op.c] if op.c else None
            factor = registers[op.a] if op.a else None
            compute = self._on_grid if self.value_bits else self._smooth
            registers[op.result] = compute(op, value, factor, addend)

    def _smooth(
        self, op: Instruction, value: Tensor, factor: Tensor | None, addend: Tensor | None
    ) -> Tensor:
        if op.lerp:
            value = value - addend
        if factor is not None:
            value = factor * value
        if addend is not None:
            value = value + addend
        return quantise.SMOOTH[op.function](value)

    def _on_grid(
        self, op: Instruction, value: Tensor, factor: Tensor | None, addend: Tensor | None
    ) -> Tensor:
        bits, pre = self.value_bits, pre_format(self.value_bits)
        frac = pre.frac if op.accumulator or op.to_pre else self.fracs[op.b]
        if op.accumulator:
            value = quantise.narrow(value, bits, pre.frac)
        if op.lerp:
            value = value - addend
        if factor is not None:
            value = quantise.narrow(factor * value, bits + 1, frac)
        if addend is not None:
            value = value + addend
        if op.a or op.c:
            value = quantise.narrow(value, bits, frac)
        self.fracs[op.result] = self._frac(op.function, frac)
        return quantise.FUNCTIONS[op.function](value, bits)

    def _frac(self, function: str, frac: int) -> int:
        """Fraction bits of a function's result."""
        forms = {"sigmoid": gate_format, "tanh": state_format}
        return forms[function](self.value_bits).frac if function in forms else frac
