"""The last answer is kept until it is cleared."""

from block_bench import play

from thresh.gateware.link.answer_memory import AnswerMemory
from thresh.sim.benches.script import Script


def test_bytes_are_kept_and_counted_until_they_are_cleared():
    script, answers, now = Script(clear=0, put=0), (b"first", b"and a longer one", b""), 0
    for answer in answers:
        script.drive(now, clear=1)
        now += 1
        script.want(now, length=0)
        for number, byte in enumerate(answer):
            script.drive(now + number, put=1, byte=byte)
            script.want(now + number + 1, length=number + 1)
        now += len(answer) + 1
        for number, byte in enumerate(answer):
            script.drive(now + number, read_address=number)
            script.want(now + number + 2, read_data=byte)
        now += len(answer) + 4
    play(AnswerMemory(packet_bytes=32), script)
