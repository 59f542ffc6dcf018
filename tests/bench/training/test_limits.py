"""The bench that moves one threshold at a time."""


def test_one_threshold_is_moved_at_a_time(exam, one_pair, monkeypatch):
    from bench.pages import exam as page
    from bench.training import limits as module

    monkeypatch.setattr(module, "pair", exam.pair)
    monkeypatch.setattr(module, "MOVED", ((1.0, 1.0), (8.0, 1.0), (1.0, 8.0)))
    assert page.limits() == "Not measured yet.\n"
    exam.main(["sums", "--folds", "1", "--seeds", "1"])
    monkeypatch.setattr("thresh.training.trainer.loop._epoch", None)
    module.main(["sums", "--fold", "1"])
    found = page.results.load("exam-limits-sums")
    assert found["command"] == "python -m bench.training.limits sums --fold 1 --seed 1"
    rows = found["rows"]
    (piece,) = page.pieces_of("sums")
    work = piece.validation.work[1.0]
    control, floats, whole, more_x, more_h = rows
    assert (control["network"], floats["arithmetic"]) == ("control", "floats")
    assert (whole["arithmetic"], whole["x"], whole["h"]) == ("integers", 1, 1)
    assert (whole["fired_x"], whole["reduction"]) == (work.fired_x, work.reduction)
    assert more_h["fired_x"] == whole["fired_x"] > more_x["fired_x"]
    assert whole["fired_h"] > more_h["fired_h"]
    assert page.limits().splitlines()[2].startswith("| sums, fold 1, seed 1 | control | floats | -")


def test_what_is_called_integers_is_in_integers(exam, one_pair, monkeypatch):
    from bench.training import limits as module

    seen, own = [], module.evaluate
    monkeypatch.setattr(module, "pair", lambda task: exam.pair(task)[:2])
    monkeypatch.setattr(
        module, "evaluate", lambda net, *more: seen.append(net.quantised) or own(net, *more)
    )
    module.main(["sums", "--fold", "1"])
    assert seen == [False, False] + [True] * len(module.MOVED)
