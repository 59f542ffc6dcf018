"""Tables of sparse columns."""

from bench.results import load

from .markdown import table


def sparse_sdram() -> str:
    """Dense and sparse columns in SDRAM."""
    rows = []
    for row in load("sparse-streamed") or []:
        dense, sparse = row["dense"], row["sparse"]
        rows.append([
            f"{row['sparsity']:.0%}", row["pruned"], f"{dense['cycles']:,.0f}",
            f"{sparse['cycles']:,.0f}", f"{row['speedup']:.2f} times",
            f"{sparse['bandwidth_used']:.1%}", f"{dense['sdram_bytes'] / 1e6:.2f}",
            f"{sparse['sdram_bytes'] / 1e6:.2f}", f"{sparse['integers_compared']:,}",
        ])  # fmt: skip
    head = ["zeros", "pruned", "cycles per step, dense", "sparse", "faster"]
    head += ["of the pins' bandwidth", "SDRAM, MB, dense", "sparse", "integers compared"]
    return table(head, rows)


def sparse_columns() -> str:
    """Dense and sparse columns on the chip."""
    rows = []
    for row in load("sparse-columns") or []:
        dense, sparse = row["dense"], row["sparse"]
        rows.append([
            row["network"], f"{row['sparsity']:.0%}", row["pruned"], f"{dense['cycles']:,.0f}",
            f"{sparse['cycles']:,.0f}", f"{row['speedup']:.2f} times",
            f"{dense['weight_words'] * row['lanes'] / 1024:,.0f}",
            f"{sparse['weight_words'] * row['lanes'] / 1024:,.0f}",
            f"{dense['integers_compared'] + sparse['integers_compared']:,}",
        ])  # fmt: skip
    head = ["network", "zeros", "pruned", "cycles per step, dense", "sparse", "faster"]
    return table([*head, "weights, KiB, dense", "sparse", "integers compared"], rows)
