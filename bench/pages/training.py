"""Write the figures and plots of the pages of trainings from docs/results."""

import hashlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from bench.results import ROOT, load

from . import exam
from .markdown import fill, table
from .plots import PLOTS, STYLE

PAGES = (ROOT / "docs" / "training.md", ROOT / "docs" / "training-techniques.md")
TASKS = ("digits", "wide-digits", "an4-digits", "letters", "steering", "ecg", "keywords")
"""In the order of the page."""

COLOURS = matplotlib.colormaps["tab20"].colors

SILENT = 1e6
"""A reduction beyond which a network is said to send nothing."""

Figures = dict[str, Any]


def spread(figure: Figures, digits: int) -> str:
    """Mean and standard deviation; of one seed the value alone."""
    if len(figure["values"]) == 1:
        return f"{figure['mean']:.{digits}f}"
    return f"{figure['mean']:.{digits}f} ± {figure['spread']:.{digits}f}"


def techniques(task: str) -> str:
    """One task's table."""
    result = load(f"training-{task}") or {"rows": []}
    rows = [
        [
            _name(row),
            f"{row['bits']}",
            f"{len(row['seeds'])}",
            "per neuron" if row["thresholds"]["learned"] else _thresholds(row),
            spread(row["error"], 2),
            spread(row["error_plain"], 2),
            _reduction(row),
            f"{min(row['reduction']['values']):.1f}",
        ]
        for row in result["rows"]
    ]
    head = ["technique", "bits", "seeds", "thresholds x / h", f"error, {result.get('unit', '')}"]
    head += ["plain net", "fewer fetches, times", "worst seed"]
    return table(head, rows)


def _name(row: Figures) -> str:
    """Technique, and the share of zeros where it has a name of no number."""
    zeros = row.get("zeros", 0)
    return row["technique"].replace("most", f"{zeros:.0%} of the") if zeros else row["technique"]


def _reduction(row: Figures) -> str:
    """With dense columns in brackets, where zeros are not counted as fetched."""
    if row["reduction"]["mean"] > SILENT:
        return "silent"
    text, dense = spread(row["reduction"], 1), row["more"].get("reduction_dense")
    return text if dense is None else f"{text} ({dense['mean']:.1f} with dense columns)"


def _thresholds(row: Figures) -> str:
    x, h = (row["thresholds"][name] for name in "xh")
    return f"{x:.3g} / {h:.3g}"


def classes() -> str:
    """Accuracy, and F1 of every class of beats."""
    rows = []
    for row in (load("training-ecg") or {"rows": []})["rows"]:
        names = ("accuracy", "f1_N", "f1_S", "f1_V", "f1_F")
        rows.append([row["technique"], *(spread(row["more"][name], 1) for name in names)])
    return table(["technique", "accuracy", "N", "S", "V", "F"], rows)


def speakers() -> str:
    """Label errors of speakers that were left out of training, each by itself."""
    result = load("training-digits-speakers") or {"speakers": [], "rows": []}
    rows = [
        [
            _name(row),
            f"{row['bits']}",
            _thresholds(row),
            _reduction(row),
            spread(row["error"], 2),
            *(f"{value:.2f}" for value in row["error"]["values"]),
        ]
        for row in result["rows"]
    ]
    head = ["technique", "bits", "thresholds x / h", "fewer fetches, times", "error, % label error"]
    return table([*head, *result["speakers"]], rows)


def goals() -> str:
    """What is wanted of every task, and what the integer networks reach on the test set."""
    rows = []
    for task in TASKS:
        result = load(f"training-{task}") or {"rows": []}
        for row in result["rows"]:
            if row["bits"] == 8:
                rows.append([
                    task,
                    result["goal"],
                    _name(row),
                    f"{_reduction(row)} times",
                    f"{spread(row['error'], 2)} against {spread(row['error_plain'], 2)} "
                    f"{result['unit']}",
                    f"{len(row['seeds'])}",
                    f"`{row['command']}`",
                ])  # fmt: skip
    head = ["task", "wanted", "network", "fewer fetches, int8", "error", "seeds", "command"]
    return table(head, rows)


def networks() -> str:
    """Sizes, and what stands before the recurrent network."""
    rows = []
    for task in TASKS:
        if result := load(f"training-{task}"):
            net = result["network"]
            row = next(one for one in result["rows"] if one["bits"] == 8)
            before = "; ".join(f"{value:,} {name}" for name, value in result["before"].items())
            layers = f"{net['inputs']} -> {net['layers']} x GRU {net['units']} -> {net['outputs']}"
            fetched = net["weights"] / row["reduction"]["mean"]
            rows.append([task, layers, f"{net['weights']:,}", f"{fetched:,.0f}", before or "-"])
            rows[-1].append(row["split"])
    head = ["task", "network", "weights", "fetched per step, int8", "before it", "split"]
    return table(head, rows)


def curve(result: Figures) -> Figure:
    """Error over reduction: lines on validation, the chosen points on test.

    Networks that send nothing are left out.
    """
    figure = Figure(figsize=(9.6, 5.4))
    left, right = figure.subplots(1, 2)
    names = [row["technique"] for row in result["rows"]]
    shown = {
        name: [point for point in points if point["reduction"]["mean"] < SILENT]
        for name, points in result["validation"].items()
    }
    for name, points in shown.items():
        _points(left, points, "o-", ms=3, lw=1, color=COLOURS[names.index(name)], label=name)
    for number, row in enumerate(result["rows"]):
        if row["reduction"]["mean"] > SILENT:
            continue
        if row["bits"] == 32:
            _points(right, [row], "o", ms=5, color=COLOURS[number])
            continue
        sparse = "reduction_dense" in row["more"]
        fill = {"mfc": "white" if sparse else "black", "color": "black"}
        label = f"int8, {'sparse' if sparse else 'dense'} columns"
        _points(right, [row], "s", ms=5, label=label, **fill)
    plain = result["rows"][0]["error"]["mean"]
    for axes, title in ((left, "validation, every point tried"), (right, "test, points chosen")):
        axes.set(title=title, xscale="log", xlabel="fewer weight fetches, times")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_minor_formatter(lambda value, _: "")
    right.axhline(plain, color="0.5", lw=0.8, ls=":")
    errors = [point["error"]["mean"] for points in shown.values() for point in points]
    left.set_ylim(0.9 * min(errors), min(3 * min(errors), 1.05 * max(errors)))
    left.set_ylabel(f"error, {result['unit']}")
    pairs = [axes.get_legend_handles_labels() for axes in (left, right)]
    handles = {
        label: one for ones, labels in pairs for one, label in zip(ones, labels, strict=True)
    }
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=3, fontsize=7)
    return figure


def _points(axes: Any, points: list[Figures], form: str, **style: Any) -> None:
    """Means with their spread in both directions."""
    reductions, errors = ([point[name] for point in points] for name in ("reduction", "error"))
    axes.errorbar(
        [one["mean"] for one in reductions], [one["mean"] for one in errors],
        xerr=[one["spread"] for one in reductions], yerr=[one["spread"] for one in errors],
        fmt=form, elinewidth=0.5, **style,
    )  # fmt: skip


def speed() -> str:
    """Compiled and plain time loops on a CPU."""
    found, loops = load("training-speed"), ("compiled", "pytorch_loop", "plain_layer")
    head = ["layer", "numbers", "threads", "silent x / h", "compiled", "PyTorch loop", "torch.nn"]
    rows = [
        [
            f"{row['kind']}, {row['setting']}", row["dtype"], f"{row['threads']}",
            f"{row['sparsity_x']:.0%} / {row['sparsity_h']:.0%}",
            *(f"{row[f'{name}_ms']:.1f} ms" for name in loops),
        ]
        for row in found["rows"]
    ]  # fmt: skip
    return table(head, rows)


def gpu() -> str:
    """The same layers on a GPU."""
    found = load("training-gpu")
    names = ("compiled_on_cpu", "pytorch_loop", "captured_loop", "plain_layer")
    head = ["layer", "sequences", f"compiled, {found['threads']} threads of the CPU",
            "PyTorch loop", "captured once", "torch.nn (cuDNN)"]  # fmt: skip
    rows = [
        [row["kind"], f"{row['batch']}", *(f"{row[f'{name}_ms']:.1f} ms" for name in names)]
        for row in found["rows"]
    ]
    return table(head, rows)


TABLES = {
    "speed": speed, "gpu": gpu,
    "exams": exam.exams, "exam_curves": exam.curves, "exam_costs": exam.costs,
    "exam_limits": exam.limits, "refractory": exam.refractory, "recipes": exam.recipes,
    "shipped": exam.shipped,
    "goals": goals, "networks": networks, "classes": classes, "speakers": speakers,
    **{task: (lambda task=task: techniques(task)) for task in TASKS},
}  # fmt: skip


def digest(result: Figures) -> str:
    """What a plot is of and how it is drawn."""
    source = Path(__file__).read_text()
    return hashlib.sha256(json.dumps([result, source]).encode()).hexdigest()[:16]


def stale() -> list[str]:
    """Tasks whose plots are not of their data."""
    found = []
    for task in TASKS:
        path = PLOTS / f"training-{task}.svg"
        if result := load(f"training-{task}"):
            wanted = f"data {digest(result)}"
            if not path.exists() or wanted not in path.read_text():
                found.append(task)
    return found


def draw(task: str) -> None:
    """Draw one task's plot."""
    result = load(f"training-{task}")
    with matplotlib.rc_context(STYLE):
        text = io.StringIO()
        curve(result).savefig(
            text, format="svg", facecolor="white",
            metadata={"Date": None, "Title": f"data {digest(result)}"},
        )  # fmt: skip
    PLOTS.mkdir(parents=True, exist_ok=True)
    (PLOTS / f"training-{task}.svg").write_text(re.sub(r" +\n", "\n", text.getvalue()))


def write() -> None:
    """Write the pages anew, and draw every plot whose data have changed."""
    for task in stale():
        draw(task)
    for page in PAGES:
        page.write_text(fill(page.read_text(), TABLES))


def main() -> None:
    """Write, or with ``--check`` say whether anything would change."""
    if "--check" not in sys.argv[1:]:
        write()
        return
    for page in PAGES:
        if stale() or fill(page.read_text(), TABLES) != page.read_text():
            sys.exit(f"{page.name}: not what docs/results says; run python -m bench.pages.training")


if __name__ == "__main__":
    main()
