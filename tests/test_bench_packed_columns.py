"""The model of packed sparse columns."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "bench"))

from packed_columns import cases, cycles, fullest_lane, timing_of


def test_a_balanced_column_costs_its_share_and_a_random_one_more():
    assert fullest_lane(16, 16, 0.75, balanced=True) == 4
    assert fullest_lane(4, 16, 0.875, balanced=True) == 1
    assert fullest_lane(16, 1, 0.75, balanced=False) == pytest.approx(4, rel=0.02)
    assert fullest_lane(16, 64, 0.75, balanced=False) > fullest_lane(16, 16, 0.75, balanced=False)
    assert fullest_lane(16, 64, 0.0, balanced=False) == 16


def test_dense_columns_packed_gain_nothing():
    case = next(case for case in cases() if "1024" in case.name)
    dense = cycles(case, timing_of(case.lanes, case.serial))
    packed = cycles(case, timing_of(case.lanes, case.serial, 4), 4.0)
    assert packed == pytest.approx(dense, rel=0.02)
