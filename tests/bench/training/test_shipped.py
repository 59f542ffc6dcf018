"""The network of an exam that ships: that of a piece, simulated in every integer."""

import json

import numpy as np
import pytest

from thresh.model.model_file import load_network


@pytest.fixture
def shipped(exam, tmp_path, monkeypatch):
    """The bench that ships, with the same tasks and a folder of its own."""
    from bench.training import shipped as module

    for name, value in (("TASKS", exam.TASKS), ("pair", exam.pair), ("ROOT", tmp_path)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module.training_page, "write", lambda: None)
    (tmp_path / "examples").mkdir()
    return module


@pytest.mark.parametrize("words", [[], ["--sparse"]])
def test_the_best_on_validation_ships_at_the_scale_of_the_exam(shipped, exam, tmp_path, words):
    from bench.pages import exam as page

    exam.main(["sums", "--folds", "0,2", "--seeds", "1", *words])
    assert page.shipped() == "Not measured yet.\n"
    shipped.main(["sums", *words])
    (row,), (sat,) = page.results.load("shipped"), page.sat()
    scale = sat.sitting.scale
    sums = {p.fold: np.sum([*p.validation.delta[scale].values()], axis=0) for p in sat.pieces}
    best = min(sums, key=lambda fold: sums[fold][1] / sums[fold][0])
    assert (row["fold"], row["scale"], row["differ"]) == (best, scale, 0)
    network = load_network(tmp_path / "examples" / row["file"])
    assert network.name == "sums-gru16" + "-sparse" * bool(words)
    assert network.notes["split"] == f"fold {best + 1} of 3"
    delta = exam.pair(exam.TASKS["sums"], bool(words))[-1]
    layer = network.layers[0]
    assert layer.threshold_x == round(scale * delta.threshold_x * 2**layer.x_frac)
    assert network.notes["test_error"] == row["test_error"] != row["test_error_plain"]
    assert row["integers"] > row["frames"] > 0
    assert f"| {row['file']} | fold {best}, seed 1 |" in page.shipped()


def test_a_network_that_is_not_that_of_its_piece_does_not_ship(shipped, exam, capsys, tmp_path):
    from bench.pages import exam as page

    exam.main(["sums", "--folds", "0", "--seeds", "1"])
    (path,) = page.folder().iterdir()
    piece = json.loads(path.read_text())
    for one in piece["test"]["delta"]:
        one["tallies"] = {name: [2, 1] for name in one["tallies"]}
    path.write_text(json.dumps(piece))
    with pytest.raises(SystemExit) as stopped:
        shipped.main(["sums"])
    assert stopped.value.code == 2
    assert "remove the piece of fold 0, seed 1, and make it again" in capsys.readouterr().err
    assert not [*(tmp_path / "examples").iterdir()]


def test_without_an_exam_nothing_ships(shipped, capsys):
    with pytest.raises(SystemExit) as stopped:
        shipped.main(["sums"])
    assert stopped.value.code == 2
    assert "There is no exam of sums yet" in capsys.readouterr().err
