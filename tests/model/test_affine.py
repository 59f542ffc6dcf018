"""Affine maps of single values."""

import numpy as np
import pytest

from thresh.model.affine import Affine

X, VALUE = np.array([1.0, -2.0, 3.0]), np.array([0.5, 4.0, -1.0])
OPERATORS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("value", [VALUE, np.array(2.0)], ids=["vector", "number"])
def test_an_operator_with_numbers_is_a_map(op, value):
    made = Affine.of(op, value, "one")
    np.testing.assert_allclose(made.scale * X + made.offset, OPERATORS[op](X, value))


def test_a_division_by_0_is_refused_and_0_is_a_number_elsewhere():
    for op in ("add", "sub", "mul"):
        Affine.of(op, np.array([1.0, 0.0]), op)
    with pytest.raises(ValueError, match="div_1 divides by 0"):
        Affine.of("div", np.array([1.0, 0.0]), "div_1")
