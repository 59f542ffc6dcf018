"""The bench that tries recipes, each a row."""

from dataclasses import replace

import pytest


@pytest.fixture
def recipes(exam, tmp_path, monkeypatch):
    """The bench that tries recipes, with the same tasks."""
    from bench.training import recipes as module

    for name, value in (("TASKS", exam.TASKS), ("ROOT", tmp_path)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(
        module, "paired",
        lambda task, own, made=module.paired: tuple(
            replace(stage, epochs=2, size=4) for stage in made(task, own)
        ),
    )  # fmt: skip
    monkeypatch.setattr(module.training_page, "write", lambda: None)
    return module


def test_recipes_stand_beside_each_other(recipes, exam, capsys, monkeypatch):
    from bench.pages import exam as page

    assert page.recipes() == "Not measured yet.\n"
    exam.main(["sums", "--folds", "1", "--seeds", "1"])
    capsys.readouterr()
    words = ["sums", "--fold", "1", "activity_h=0.5"]
    recipes.main([*words, "thresholds=[0.3,0.2]"])
    assert "control of a pair" not in capsys.readouterr().out
    recipes.main([*words, "--sparse", "rate=0.01"])
    assert "control of a pair" in capsys.readouterr().out
    first, second = page.results.load("recipes")
    pairing = first["pairing"]
    assert (pairing["activity_h"], pairing["thresholds"]) == (0.5, [0.3, 0.2])
    assert (pairing["zeros"], second["pairing"]["zeros"]) == (0, 0.75)
    assert [point["scale"] for point in first["points"]] == list(recipes.SCALES)
    assert first["points"][0]["fired_h"] > first["points"][-1]["fired_h"]
    recipes.main([*words, "thresholds=[0.3,0.2]"])
    assert page.results.load("recipes") == [first, second]
    command = "`python -m bench.training.recipes sums --fold 1 --seed 1 --sparse {}`"
    assert command.format("rate=0.01 activity_h=0.5") in page.recipes()
    other = replace(exam.TASKS["sums"].sparse_pairing, rate=0.01)
    monkeypatch.setattr(exam.TASKS["sums"], "sparse_pairing", other)
    assert command.format("activity_h=0.5") in page.recipes()


def test_a_recipe_of_the_exam_is_what_its_piece_has(recipes, exam, monkeypatch):
    from bench.pages import exam as page

    exam.main(["sums", "--folds", "1", "--seeds", "1"])
    recipes.main(["sums", "--fold", "1"])
    (piece,) = page.pieces_of("sums")
    (row,) = page.results.load("recipes")
    trained = next(point for point in row["points"] if point["scale"] == 1)
    assert trained["reduction"] == piece.validation.work[1.0].reduction


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["sums", "epoch=3"], "A setting is one of epochs, integers, rate"),
        (["sums", "epochs=many"], "The value of epochs must be JSON"),
        (["sums", "epochs=[3]"], "epochs = [3]: input should be a valid integer"),
        (["sums", "thresholds=[0.3]"], "thresholds."),
        (["whole", "--sparse"], "has no pair with sparse columns"),
    ],
)
def test_what_is_no_recipe_is_refused(recipes, exam, monkeypatch, capsys, words, text):
    monkeypatch.setattr(exam.TASKS["whole"], "folds", 3)
    with pytest.raises(SystemExit) as stopped:
        recipes.main(words)
    assert stopped.value.code == 2
    assert text in capsys.readouterr().err
