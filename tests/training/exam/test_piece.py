"""Pieces: sums by cluster, and files that hold them."""

import json

import numpy as np
import pytest

from thresh.training.exam.evidence import Evidence
from thresh.training.exam.piece import Piece, Side, read_piece, summed
from thresh.training.exam.rule import judge
from thresh.training.trainer.work import Work

WORK = Work(delta=10, sparse=8, dense=100, entries_x=3, entries_h=4, steps=5)

CLUSTERS = ("bob", "ann", "bob", "eve")
CONTROL = np.array([[1, 20], [0, 30], [2.5, 40], [1, 10]])
DELTA = np.array([[2, 20], [1, 30], [2.25, 40], [3, 10]])


def side(delta=DELTA) -> Side:
    return Side(
        sequences={"ann": 1, "bob": 2, "eve": 1},
        control=summed(CLUSTERS, CONTROL),
        delta={0.7: summed(CLUSTERS, delta), 1.0: summed(CLUSTERS, delta + 1)},
        work={0.7: WORK, 1.0: WORK + WORK},
    )


def piece(**changes) -> Piece:
    asked = {"task": "sums", "recipe": "ab", "material": 7, "fold": 2, "seed": 1, "minutes": 1.5,
             "command": "make it", "validation": side(), "test": side(DELTA + 2)}  # fmt: skip
    return Piece(**asked | changes)


def test_the_rule_says_of_sums_what_it_says_of_sequences():
    def rate(sums):
        return 100 * sums[..., 0] / sums[..., 1]

    whole = judge(Evidence(clusters=CLUSTERS, control=CONTROL, delta=DELTA), rate, allowance=1)
    assert judge(side().evidence(0.7), rate, allowance=1) == whole
    assert whole.sequences == 4


@pytest.mark.parametrize("changes", [{}, {"fold": None, "minutes": None}])
def test_a_file_holds_a_whole_piece(tmp_path, changes):
    path = tmp_path / "one.json"
    path.write_text(piece(**changes).to_json())
    found = read_piece(path)
    assert found == piece(**changes)
    assert found.scales == (0.7, 1.0)
    assert found.test.work[1.0] == WORK + WORK
    assert '"ann": [0, 30]' in path.read_text()


def test_what_is_no_piece_is_refused(tmp_path):
    path = tmp_path / "one.json"
    whole = json.loads(piece().to_json())
    part = {name: whole[name] for name in whole if name != "test"}
    for content in ("nothing", "[]", json.dumps(whole | {"more": 1}), json.dumps(part)):
        path.write_text(content)
        with pytest.raises(ValueError, match=r"one\.json is not a piece of an exam"):
            read_piece(path)
