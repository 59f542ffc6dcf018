"""Lengths are kept by list, until they are cleared."""

from block_bench import play

from thresh.gateware.encode.list_lengths import ListLengths
from thresh.sim.benches.script import Script


def test_lengths_are_kept_and_cleared():
    script = Script(write_enable=0, clear=0)
    lengths = [5, 0, 16, 9, 1, 12, 7, 3]
    for number, length in enumerate(lengths):
        script.drive(number, write_enable=1, write_address=number, write_data=length)
    script.drive(8, clear=1, clear_address=2)
    # A list that is cleared hides one that is written.
    script.drive(9, clear=1, clear_address=5, write_enable=1, write_address=6, write_data=2)
    for number, length in enumerate([5, 0, 0, 9, 1, 0, 7, 3]):
        script.drive(10 + number, read_address=number)
        script.want(11 + number, read_data=length)
    play(ListLengths(lists=8, length=16), script)
