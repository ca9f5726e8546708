"""A container's log keeps the newest lines and tells them to whoever follows."""

import asyncio

from galileo_emulation.functions.container_log import ContainerLog

T0 = 1_700_000_000.0


def test_a_request_is_a_line_and_a_written_line_is_itself() -> None:
    log = ContainerLog()
    log.note_request((T0 + 0.25, "GET", "/a?b=1", 200, 0.0234, "127.20.1.1"))
    log.write(T0 + 1, b"hello")
    assert log.lines() == [b"2023-11-14T22:13:20.250Z GET /a?b=1 200 23.4ms 127.20.1.1\n", b"hello\n"]
    assert log.lines(timestamps=True)[1] == b"2023-11-14T22:13:21.000000Z hello\n"


def test_lines_can_be_chosen_by_number_and_by_age() -> None:
    log = ContainerLog()
    for second in range(5):
        log.write(T0 + second, b"%d" % second)
    assert log.lines(tail=2) == [b"3\n", b"4\n"]
    assert log.lines(tail=0) == []
    assert log.lines(since_unix_s=T0 + 3) == [b"3\n", b"4\n"]
    assert log.lines(since_unix_s=T0 + 1, tail=1) == [b"4\n"]


def test_the_oldest_lines_go_when_there_are_too_many_or_they_are_too_long() -> None:
    log = ContainerLog(most_lines=3)
    for number in range(5):
        log.note_request((T0, "GET", f"/{number}", 200, 0.0, "a"))
    assert [line.split()[2] for line in log.lines()] == [b"/2", b"/3", b"/4"]
    log = ContainerLog(most_bytes=10)
    for text in (b"1234", b"56789", b"ab"):
        log.write(T0, text)
    assert log.lines() == [b"56789\n", b"ab\n"]


def test_a_very_long_line_is_cut() -> None:
    log = ContainerLog()
    log.write(T0, b"x" * 100_000)
    assert len(log.lines()[0]) == 16 * 1024 + 1


async def test_who_follows_gets_what_is_there_then_each_new_line_until_the_end() -> None:
    log = ContainerLog(most_lines=3)
    log.write(T0, b"old")
    log.write(T0, b"older")
    got: list[bytes] = []

    async def follow() -> None:
        async for lines in log.follow(tail=1):
            got.extend(lines)

    following = asyncio.create_task(follow())
    await asyncio.sleep(0)
    assert got == [b"older\n"]
    for number in range(5):  # more than are kept, each told
        log.write(T0, b"%d" % number)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    log.close()
    await asyncio.wait_for(following, 1.0)
    assert got == [b"older\n", b"0\n", b"1\n", b"2\n", b"3\n", b"4\n"]
