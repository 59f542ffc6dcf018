"""Strings of digits by unseen speakers: those utterances of CMU AN4 that are digits alone; CTC."""

from thresh.training.trainer.pairing import Pairing

from .letters import Letters

WORDS = ("ZERO", "OH", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")


class An4Digits(Letters):
    """Digits, each a label."""

    name, model = "an4-digits", "an4-digits-gru128"
    outputs, layers = len(WORDS) + 1, 1
    classes = (*WORDS, "_")
    goal = "at least 6 times fewer fetches at no more than 0.5 points of label error, int8"
    wanted, wanted_sparse = 6.0, 0.0
    split = "AN4 test, 23 utterances of digits by 10 other speakers; every ninth speaker validates"
    pretraining, first, training, size = 100, 20, 40, 16
    thresholds, activity = (0.4, 0.25), 1.0
    allowance, relative = 0.5, False
    pairing = Pairing(
        rate=2e-3, last_rate=4e-4, varied=True, thresholds=(0.45, 0.22), follows=10.0
    )  # fmt: skip
    sparse_pairing = None

    def labels(self, text: str) -> list[int] | None:
        """Numbers of the words; None where a word is no digit."""
        words = text.split()
        return [WORDS.index(word) for word in words] if words and set(words) <= {*WORDS} else None
