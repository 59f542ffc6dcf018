"""Import networks of every source, written by their own frameworks, and prove them.

Their table goes into docs/importers.md; ``--check`` says whether it is the one there.
"""

import sys
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec

from bench.pages.markdown import fill, table
from bench.results import ROOT

from .sources import of_keras, of_onnx, of_others, of_torch
from .sources.case import Case

PAGE = ROOT / "docs" / "importers.md"
TABLE = "import_sources"
PACKAGES = ("torch", "onnx", "onnxscript", "onnxruntime", "keras", "nir")


def cases() -> list[Case]:
    """Every network of every source."""
    return [*of_torch.cases(), *of_onnx.cases(), *of_keras.cases(), *of_others.cases()]


def missing(case: Case) -> list[str]:
    """Packages that make the network and are not installed."""
    return [name for name in case.needs if find_spec(name) is None]


def row(case: Case) -> list[str]:
    """Source, content and result."""
    return [case.source, case.what, case.result()]


def sources(found: Iterable[Case] | None = None) -> str:
    """Every network and its result, in Markdown."""
    with_what = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    rows = [row(case) for case in found or cases()]
    return f"{with_what}\n\n" + table(["source", "network", "result"], rows)


def main() -> None:
    """Write the page, or with ``--check`` say whether it would change."""
    text = PAGE.read_text()
    wanted = fill(text, {TABLE: sources}, kept=("onnx_nodes",))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted)
    elif wanted != text:
        sys.exit(
            f"{PAGE.name}: not what the importer says; run python -m bench.software.import_sources"
        )


if __name__ == "__main__":
    main()
