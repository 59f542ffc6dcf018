"""Training: learns, resumes to the same result, and stops at a gradient that is not finite."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.audio.front_end import FrontEnd  # noqa: E402
from thresh.training.digits.augment import vary  # noqa: E402
from thresh.training.digits.batches import Corpus  # noqa: E402
from thresh.training.digits.classifier import Classifier, decide  # noqa: E402
from thresh.training.digits.data import Recording  # noqa: E402
from thresh.training.digits.stages import (  # noqa: E402
    NonFiniteGradient,
    Stage,
    apply_stage,
    evaluate,
    refuse_non_finite,
    train,
)

STAGE = Stage(name="delta", epochs=4, rate=2e-2, threshold_x=0.3, threshold_h=0.1)


def tones(count: int, seed: int) -> Corpus:
    """Noisy tones of two pitches as two classes."""
    draw = np.random.default_rng(seed)
    recordings = []
    for number in range(count):
        n = np.arange(int(draw.integers(800, 2400)))
        tone = 3000 * np.sin(2 * np.pi * (500, 1500)[number % 2] * n / 8000)
        pcm = (tone + draw.normal(0, 300, len(n))).astype(np.int16)
        recordings.append(Recording(pcm=pcm, digit=number % 2, speaker="tone"))
    front_end = FrontEnd(offsets=(33_000,) * 40, scales=(3000,) * 40)
    return Corpus(recordings, front_end, variations=1, seed=seed)


def fresh() -> Classifier:
    torch.manual_seed(5)
    return Classifier(40, 8, 2)


def fit(model: Classifier, stage: Stage, checkpoint=None):
    return train(
        model, tones(32, 1), tones(12, 2), stage, decision="mean", seed=3, checkpoint=checkpoint,
        size=8,
    )  # fmt: skip


def test_learns_with_thresholds_and_in_integers():
    model = fresh()
    assert fit(model, STAGE).accuracy == 1.0
    quantised = Stage(name="quantised", epochs=1, rate=1e-3, threshold_x=0.3, threshold_h=0.1,
                      quantised=True)  # fmt: skip
    score = fit(model, quantised)
    assert score.accuracy == 1.0
    assert score.work.reduction > 1


class Interrupted(Exception):
    """Raised in place of a power cut."""


def test_resumed_training_equals_uninterrupted(tmp_path):
    whole = fresh()
    fit(whole, STAGE)
    path = tmp_path / "delta.pt"

    def stop(epoch, loss, score):
        if epoch == 1:
            raise Interrupted

    with pytest.raises(Interrupted):
        train(fresh(), tones(32, 1), tones(12, 2), STAGE, decision="mean", seed=3,
              checkpoint=path, size=8, report=stop)  # fmt: skip
    resumed = fresh()
    fit(resumed, STAGE, path)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name])


@pytest.mark.parametrize(
    "change", [{"seed": 4}, {"origin": "another recipe"}, {"size": 4}, {"decision": "last"}]
)
def test_checkpoint_of_another_training_is_not_used(tmp_path, change):
    path = tmp_path / "delta.pt"
    stage = Stage(name="delta", epochs=1, rate=1e-3)
    corpora = tones(8, 1), tones(4, 2)
    epochs = []
    for settings in ({}, {}, change):
        settings = {"decision": "mean", "seed": 3, "size": 8} | settings
        train(fresh(), *corpora, stage, checkpoint=path, **settings,
              report=lambda epoch, loss, score: epochs.append(epoch))  # fmt: skip
    assert epochs == [0, 0]


def test_checkpoint_of_other_recordings_is_not_used(tmp_path):
    path = tmp_path / "delta.pt"
    stage = Stage(name="delta", epochs=1, rate=1e-3)
    epochs = []
    for seed in (1, 1, 9):
        train(fresh(), tones(8, seed), tones(4, 2), stage, checkpoint=path, decision="mean",
              seed=3, report=lambda epoch, loss, score: epochs.append(epoch))  # fmt: skip
    assert epochs == [0, 0]


def test_stops_at_a_gradient_that_is_not_finite():
    model = fresh()
    model.gru.weight_hh_l0.grad = torch.full((24, 8), torch.nan)
    with pytest.raises(NonFiniteGradient, match=r"weight_hh_l0 is not finite at .* step 7"):
        refuse_non_finite(model, 7)


def test_work_counts_columns_of_entries():
    model = fresh()
    apply_stage(model, Stage(name="plain", epochs=1, rate=1e-3))
    corpus = tones(4, 1)
    work = evaluate(model, corpus, "mean").work
    steps = sum(len(copies[0]) for copies in corpus.copies)
    assert work.steps == steps
    assert work.dense == steps * (24 * 48 + 2 * 8)
    assert work.delta == work.entries_x * 24 + work.entries_h * 26
    assert work.entries_h == steps * 8


def test_decisions_ignore_padding():
    logits = torch.tensor([[[1.0, 0], [0, 3], [9, 9]], [[1, 0], [1, 0], [0, 4]]])
    lengths = torch.tensor([2, 3])
    assert decide(logits, lengths, "last").tolist() == [[0, 3], [0, 4]]
    torch.testing.assert_close(
        decide(logits, lengths, "mean"), torch.tensor([[0.5, 1.5], [2 / 3, 4 / 3]])
    )


def test_variations_keep_the_range_and_follow_the_seed():
    pcm = (20_000 * np.sin(np.arange(3000) / 7)).astype(np.int16)
    first, second = (vary(pcm, np.random.default_rng(4)) for _ in range(2))
    assert first.dtype == np.int16
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first[:1000], pcm[:1000])
