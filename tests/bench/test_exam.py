"""The bench that makes pieces of an exam, the page that joins them, and what is refused."""

from dataclasses import replace

import pytest


@pytest.fixture
def exam(torch, monkeypatch, tmp_path):
    """The bench, with a task of seconds."""
    from small_tasks import Small

    from bench.pages import exam as page
    from bench.training import exam as module
    from thresh.training.trainer.pairing import Pairing

    class Folded(Small):
        """Three folds, whose fold moves the inputs."""

        outputs, folds, allowance = 3, 3, 1.0
        sparse_pairing = Pairing(zeros=0.75)

        def __init__(self, directory=None, fold=None):
            super().__init__(directory)
            self.fold = fold

        def items(self, split):
            items = super().items(split + ("" if self.fold is None else "x" * self.fold))
            for number, item in enumerate(items):
                object.__setattr__(item, "source", f"{split} {self.fold} {number}")
            return items

    def short(task, sparse=False, own=module.pair):
        return tuple(replace(stage, epochs=2, size=4) for stage in own(task, sparse))

    for one in (module, page):
        monkeypatch.setattr(one, "TASKS", {"sums": Folded, "whole": Small})
        monkeypatch.setattr(one, "TRIED", (0.7, 1.0))
        monkeypatch.setattr(one, "pair", short)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr("bench.results.RESULTS", tmp_path)
    return module


def test_pieces_are_made_one_by_one_and_joined(exam, tmp_path, capsys):
    from bench.pages import exam as page

    assert page.exams() == "Not measured yet.\n"
    exam.main(["sums", "--folds", "2", "--seeds", "1"])
    assert "fold2-seed1, delta of a pair" in capsys.readouterr().out
    assert [path.name for path in page.folder().iterdir()] == ["sums-fold2-seed1.json"]
    assert "| sums | 1 of 3 folds, 1 piece |" in page.exams()
    exam.main(["sums", "--seeds", "1"])
    assert "sums-fold2" not in capsys.readouterr().out
    exam.main(["sums", "--seeds", "1,2", "--official"])
    folds, own = page.sat()
    assert [piece.fold for piece in folds.pieces] == [0, 1, 2]
    assert [piece.seed for piece in own.pieces] == [1, 2]
    assert folds.sitting.verdict.sequences == 18
    assert own.sitting.verdict.sequences == 12
    assert own.pieces[0].command == "python -m bench.training.exam sums --official --seeds 1"
    rows = page.exams().splitlines()
    assert [row.split(" | ")[1] for row in rows[2:]] == ["3 folds, 3 pieces", "own split, 2 pieces"]
    assert folds.sitting.verdict.word in rows[2]
    assert page.curves().count("(chosen)") == 2
    assert "| sums | 3 folds | 3 | 1 |" in page.costs()
    assert "| sums | own split | 2 | 1, 2 |" in page.costs()


def test_sparse_pieces_stand_beside_dense_ones(exam, monkeypatch):
    from bench.pages import exam as page
    from thresh.training.trainer import loop

    names, own = [], loop.train
    monkeypatch.setattr(
        "thresh.training.tasks.training.train",
        lambda net, task, stage, **more: (
            names.append(more["checkpoint"].name) or own(net, task, stage, **more)
        ),
    )
    exam.main(["sums", "--folds", "1", "--seeds", "1"])
    exam.main(["sums", "--folds", "1", "--seeds", "1", "--sparse"])
    control = names[1]
    assert names == ["start.pt", control, "delta.pt", "integers.pt",
                     "start.pt", control, "sparse.pt", "sparse-integers.pt"]  # fmt: skip
    assert sorted(path.name for path in page.folder().iterdir()) == [
        "sums-fold1-seed1.json", "sums-sparse-fold1-seed1.json",
    ]  # fmt: skip
    dense, sparse = page.sat()
    assert (dense.sparse, sparse.sparse) == (False, True)
    (one,), (other,) = dense.pieces, sparse.pieces
    assert other.validation.control == one.validation.control
    work = other.test.work[sparse.sitting.scale]
    assert sparse.sitting.reductions == {1: work.reduction_sparse}
    assert work.reduction_sparse > 1.5 * work.reduction
    assert other.command.endswith("--seeds 1 --sparse")
    row = page.exams().splitlines()[3]
    assert "75% of the weights zero" in row
    assert f"| {work.reduction_sparse:.1f} (" in row
    assert "exam sums --sparse`" in page.costs()


def test_one_threshold_is_moved_at_a_time(exam, tmp_path, monkeypatch):
    from bench.pages import exam as page
    from bench.training import limits as module

    for name, value in (("TASKS", exam.TASKS), ("pair", exam.pair), ("ROOT", tmp_path)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "MOVED", ((1.0, 1.0), (8.0, 1.0), (1.0, 8.0)))
    monkeypatch.setattr(module.training_page, "write", lambda: None)
    assert page.limits() == "Not measured yet.\n"
    exam.main(["sums", "--folds", "1", "--seeds", "1"])
    monkeypatch.setattr("thresh.training.trainer.loop._epoch", None)
    module.main(["sums", "--fold", "1"])
    rows = page.results.load("exam-limits-sums")["rows"]
    (piece,) = page.pieces_of("sums")
    work = piece.validation.work[1.0]
    control, floats, whole, more_x, more_h = rows
    assert (control["network"], floats["arithmetic"]) == ("control", "floats")
    assert (whole["arithmetic"], whole["x"], whole["h"]) == ("integers", 1, 1)
    assert (whole["fired_x"], whole["reduction"]) == (work.fired_x, work.reduction)
    assert more_h["fired_x"] == whole["fired_x"] > more_x["fired_x"]
    assert whole["fired_h"] > more_h["fired_h"]
    assert page.limits().splitlines()[2].startswith("| sums, fold 1, seed 1 | control | floats | -")


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


def test_what_is_called_integers_is_in_integers(exam, tmp_path, monkeypatch):
    from bench.training import limits as module

    seen, own = [], module.evaluate
    for name, value in (("TASKS", exam.TASKS), ("ROOT", tmp_path)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "pair", lambda task: exam.pair(task)[:2])
    monkeypatch.setattr(module.training_page, "write", lambda: None)
    monkeypatch.setattr(
        module, "evaluate", lambda net, *more: seen.append(net.quantised) or own(net, *more)
    )
    module.main(["sums", "--fold", "1"])
    assert seen == [False, False] + [True] * len(module.MOVED)


def test_pieces_of_another_recipe_are_not_joined_but_made_anew(exam, monkeypatch):
    from bench.pages import exam as page

    exam.main(["sums", "--folds", "0", "--seeds", "1"])
    before = page.pieces_of("sums")
    for one in (exam, page):
        monkeypatch.setattr(one, "TRIED", (0.7, 1.0, 1.2))
    assert page.pieces_of("sums") == []
    exam.main(["sums", "--folds", "0", "--seeds", "1"])
    (after,) = page.pieces_of("sums")
    assert after.recipe != before[0].recipe
    assert after.scales == (0.7, 1.0, 1.2)


def test_a_cluster_trains_the_pairs_of_every_fold(exam, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="[explore] is not installed")
    from bench.pages import exam as page
    from thresh.training.tasks import unit
    from thresh.training.trainer import loop

    monkeypatch.setattr(unit, "TASKS", exam.TASKS)
    unit._task.cache_clear()
    words = ["sums", "--seeds", "1"]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        exam.main([*words, "--scheduler", cluster.scheduler_address])
    unit._task.cache_clear()
    found = page.pieces_of("sums")
    assert len(found) == 3
    for path in page.folder().iterdir():
        path.unlink()
    monkeypatch.setattr(loop, "_epoch", None)
    exam.main(words)
    again = page.pieces_of("sums")
    assert [replace(one, minutes=0) for one in again] == [replace(one, minutes=0) for one in found]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["whole"], "has too little for folds: ask for --official"),
        (["sums", "--folds", "3"], "The fold must be 0 to 2, not 3"),
        (["whole", "--official", "--sparse"], "has no pair with sparse columns"),
    ],
)
def test_what_cannot_be_sat_is_refused(exam, capsys, words, text):
    with pytest.raises(SystemExit) as stopped:
        exam.main(words)
    assert stopped.value.code == 2
    assert text in capsys.readouterr().err


def test_every_piece_that_is_kept_is_of_the_present_recipe(torch):
    from bench.pages import exam as page

    for task in page.TASKS:
        files = set(page.folder().glob(f"{task}-*-seed*.json"))
        for one in (exam for exam in page.sat() if exam.task == task):
            for piece in one.pieces:
                files.remove(page.path_of(task, piece.fold, piece.seed, one.sparse))
                assert (piece.task, piece.scales) == (task, page.TRIED)
        assert not files
