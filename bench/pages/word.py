"""Draw docs/plots/word.svg: one spoken word, the values it sends, and the weights it fetches."""

import io
import re

import matplotlib
import numpy as np
from matplotlib.figure import Figure

import thresh
from bench.results import ROOT
from thresh.sim.golden_runs import delta_fetches, dense_fetches, rasters, run_golden

MODEL, CLIP = "examples/digits-gru128.safetensors", "examples/seven.wav"
INK, LOUD = "#404040", "#c51b1b"

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "thresh",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}


def draw() -> Figure:
    """What the network hears, sends and fetches, frame by frame."""
    net = thresh.load(ROOT / MODEL)
    x = net.read(ROOT / CLIP).integers[0]
    sent = np.hstack(list(rasters(net.integers, x).values()))
    (run,) = run_golden(net.integers, [x])
    fetches, dense = delta_fetches(net.integers, run), dense_fetches(net.integers)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 5))
        heard, events, work = figure.subplots(3, 1, sharex=True, height_ratios=(1, 1.6, 1))
        heard.imshow(x.T, origin="lower", aspect="auto", cmap="Greys", interpolation="nearest")
        heard.set(title="“seven”, as the network hears it", ylabel="band")
        frames, values = np.nonzero(sent)
        events.plot(frames, values, "s", ms=1.8, color=LOUD, markeredgewidth=0)
        events.axhline(net.inputs - 0.5, color=INK, lw=0.6)
        share = sent.mean()
        events.set(title=f"what it sends: {share:.0%} of its {sent.shape[1]} values a frame",
                   ylabel="inputs | units", ylim=(-1, sent.shape[1]))  # fmt: skip
        work.fill_between(np.arange(len(x)), fetches, step="mid", color=LOUD, lw=0)
        work.axhline(dense, color=INK, lw=1)
        work.annotate(f"dense: {dense:,}", (0, dense), xytext=(3, -3), textcoords="offset points",
                      va="top")  # fmt: skip
        work.set(title=f"weights it fetches: {dense * len(x) / fetches.sum():.1f} times fewer",
                 xlabel="frame of 10 ms", ylim=(0, 1.08 * dense),
                 xlim=(-0.5, len(x) - 0.5))  # fmt: skip
        work.yaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k" if value else "0")
    return figure


def main() -> None:
    """Write the picture."""
    text = io.StringIO()
    with matplotlib.rc_context(STYLE):
        draw().savefig(text, format="svg", facecolor="white", metadata={"Date": None})
    (ROOT / "docs" / "plots" / "word.svg").write_text(re.sub(r" +\n", "\n", text.getvalue()))


if __name__ == "__main__":
    main()
