"""What memories begin with, apart from the source and in it."""

import re

from thresh.exports.memory_files import with_memory_files


def verilog(words, bits=12):
    """A module with one memory, as Yosys writes it."""
    lines = [f"    memory[{at}] = {bits}'h{word:03x};" for at, word in enumerate(words)]
    return "\n".join(
        ("module top_part(clk);", "  initial begin", *lines, "  end", "endmodule")
    )  # fmt: skip


def test_words_lie_in_a_file_named_by_module_and_memory():
    words = [(77 * n) % 4096 for n in range(20)]
    files = with_memory_files(verilog(words), stem="top", apart=True)
    assert sorted(files) == ["top.v", "top_part_memory.mem"]
    assert [int(line, 16) for line in files["top_part_memory.mem"].split()] == words
    assert files["top.v"].splitlines() == [
        "module top_part(clk);",
        '  initial $readmemh("top_part_memory.mem", memory, 0, 19);',
        "endmodule",
    ]


def test_words_that_stay_are_as_they_were_and_zeros_are_a_loop():
    words = [(77 * n) % 4096 for n in range(20)]
    files = with_memory_files(verilog(words), stem="top", apart=False)
    assert files == {"top.v": verilog(words) + "\n"}
    files = with_memory_files(verilog([0] * 300), stem="top", apart=True)
    assert list(files) == ["top.v"]
    assert len(files["top.v"].splitlines()) == 6
    assert re.search(r"for \(memory_word = 0; memory_word < 300;", files["top.v"])


def test_many_zeros_are_no_loop():
    files = with_memory_files(verilog([0] * 1025), stem="top", apart=True)
    assert files["top_part_memory.mem"] == "000\n" * 1025
    assert "for" not in files["top.v"]


def test_few_words_and_other_initial_blocks_stay():
    text = verilog([1, 2, 3])
    assert with_memory_files(text, stem="top", apart=True) == {"top.v": text + "\n"}
    other = "module m;\n  initial begin\n    a = 1'h0;\n  end\nendmodule"
    assert with_memory_files(other, stem="top", apart=True) == {"top.v": other + "\n"}
