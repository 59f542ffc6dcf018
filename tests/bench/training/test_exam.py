"""The bench that makes pieces of an exam, the page that joins them, and what is refused."""

from dataclasses import replace

import pytest


def test_pieces_are_made_one_by_one_and_joined(exam, tmp_path, capsys):
    from bench.pages import exam as page

    assert page.exams() == "Not measured yet.\n"
    exam.main(["sums", "--folds", "2", "--seeds", "1"])
    assert "fold2-seed1, delta of a pair" in capsys.readouterr().out
    assert [path.name for path in page.folder().iterdir()] == ["sums-fold2-seed1.json"]
    assert "| sums | 1 of 3 folds, 1 piece | 4 |" in page.exams()
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
    assert "75% of the weights zero, 1 piece | 12.5 |" in row
    assert f"| {work.reduction_sparse:.1f} (" in row
    assert "exam sums --sparse`" in page.costs()


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
