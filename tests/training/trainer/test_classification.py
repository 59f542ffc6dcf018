"""Classes of sequences: learned with thresholds and in integers, early stopped, scored."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.audio.front_end import FrontEnd  # noqa: E402
from thresh.training.digits.material import SpokenDigits, corpus_of  # noqa: E402
from thresh.training.sets.fsdd import Recording  # noqa: E402
from thresh.training.trainer.classification import Classification, decide  # noqa: E402
from thresh.training.trainer.corpus import Corpus  # noqa: E402
from thresh.training.trainer.loop import train  # noqa: E402
from thresh.training.trainer.net import Net  # noqa: E402
from thresh.training.trainer.scoring import evaluate  # noqa: E402
from thresh.training.trainer.stage import Stage  # noqa: E402

STAGE = Stage(
    name="delta", epochs=4, rate=2e-2, rates="step", patience=25, threshold_x=0.3, threshold_h=0.1
)
FRONT_END = FrontEnd(offsets=(33_000,) * 40, scales=(3000,) * 40)


def tones(count: int, seed: int) -> Corpus:
    """Noisy tones of two pitches as two classes."""
    draw = np.random.default_rng(seed)
    recordings = []
    for number in range(count):
        n = np.arange(int(draw.integers(800, 2400)))
        tone = 3000 * np.sin(2 * np.pi * (500, 1500)[number % 2] * n / 8000)
        pcm = (tone + draw.normal(0, 300, len(n))).astype(np.int16)
        recordings.append(Recording(pcm=pcm, digit=number % 2, speaker="tone"))
    return corpus_of(recordings, FRONT_END, variations=1, seed=seed)


def task(train: int = 32, seed: int = 1) -> SpokenDigits:
    corpora = {"train": tones(train, seed), "validation": tones(12, 2)}
    made = SpokenDigits(front_end=FRONT_END, corpora=corpora)
    made.size = 8
    return made


def fresh() -> Net:
    torch.manual_seed(5)
    return Net(40, 8, 2)


def test_learns_with_thresholds_and_in_integers():
    net, one = fresh(), task()
    train(net, one, STAGE, seed=3)
    assert evaluate(net, one, one.items("validation")).score.error == 0
    quantised = Stage(
        name="quantised", epochs=1, rate=1e-3, patience=1, threshold_x=0.3, threshold_h=0.1,
        quantised=True,
    )  # fmt: skip
    train(net, one, quantised, seed=3)
    assert net.quantised
    outcome = evaluate(net, one, one.items("validation"))
    assert outcome.score.more == {"accuracy": 100.0}
    assert outcome.work.reduction > 1


def test_checkpoint_of_other_recordings_is_not_used(tmp_path):
    epochs = []
    stage = Stage(name="delta", epochs=1, rate=1e-3)
    for seed in (1, 1, 9):
        train(fresh(), task(8, seed), stage, checkpoint=tmp_path / "d.pt", seed=3,
              report=lambda epoch, *more: epochs.append(epoch))  # fmt: skip
    assert epochs == [0, 0]


def test_an_epoch_is_one_copy_of_each_recording_cut_and_alike_in_length():
    corpus = tones(20, 4)
    groups = corpus.shuffled(4, np.random.default_rng(1), longest=15)
    assert [len(group) for group in groups] == [4] * 5
    found = [item for group in groups for item in group]
    assert max(len(item.x) for item in found) == 15
    copies = [
        {(number, copy) for number in range(20) for copy in range(2)
         if np.array_equal(item.x, corpus.item(number, copy, 15).x)}
        for item in found
    ]  # fmt: skip
    assert sorted(number for one in copies for number, _ in one) == list(range(20))
    assert {copy for one in copies for _, copy in one} == {0, 1}


class Given(Classification):
    """Two classes, outputs given."""

    name = "given"


def test_scores_are_of_the_decision():
    outputs = [np.array([[3.0, 0], [0, 1]]), np.array([[0.0, 1], [5, 0]])]
    one = Given()
    for decision, right in (("mean", 50.0), ("last", 0.0)):
        one.decision = decision
        score = one.score(outputs, [0, 1])
        assert (score.more, score.error) == ({"accuracy": right}, 100 - right)
        rows = torch.tensor([[1.5, 0.5], [2.5, 0.5]] if decision == "mean" else [[0.0, 1], [5, 0]])
        wanted = torch.nn.functional.cross_entropy(rows, torch.tensor([0, 1]))
        assert score.loss == pytest.approx(float(wanted))


def test_decisions_ignore_padding():
    logits = torch.tensor([[[1.0, 0], [0, 3], [9, 9]], [[1, 0], [1, 0], [0, 4]]])
    lengths = torch.tensor([2, 3])
    assert decide(logits, lengths, "last").tolist() == [[0, 3], [0, 4]]
    torch.testing.assert_close(
        decide(logits, lengths, "mean"), torch.tensor([[0.5, 1.5], [2 / 3, 4 / 3]])
    )
