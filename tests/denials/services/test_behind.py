"""Storing behind the reader: in order, not far behind, and a fault stops the reading."""

import sys
import threading

import pytest

from denials.services.remittances.behind import TURN, WAITING, Behind


@pytest.fixture
def behind():
    storing = Behind()
    yield storing
    storing.close()


def test_jobs_are_done_in_their_order_in_one_other_thread(behind):
    done = []

    def work(job: int) -> None:
        done.append((job, threading.get_ident()))

    for job in range(10):
        behind.do(work, job)
    behind.settle()
    assert [job for job, _ in done] == list(range(10))
    threads = {thread for _, thread in done}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_the_reader_waits_when_too_much_is_undone(behind):
    may_go, begun = threading.Event(), []

    def work(job: int) -> None:
        begun.append(job)
        may_go.wait(10)

    for job in range(WAITING):
        behind.do(work, job)
    reader = threading.Thread(target=behind.do, args=(work, WAITING))
    reader.start()
    reader.join(0.1)
    assert reader.is_alive()
    may_go.set()
    reader.join(10)
    assert not reader.is_alive()
    behind.settle()
    assert begun == [*range(WAITING + 1)]


def test_what_a_job_raises_is_raised_to_the_reader(behind):
    def work(job: int) -> None:
        raise OSError(job)

    behind.do(work, 1)
    with pytest.raises(OSError, match="1"):
        behind.settle()


def test_closing_gives_up_what_is_not_begun():
    storing, may_go, done = Behind(), threading.Event(), []

    def work(job: int) -> None:
        may_go.wait(10)
        done.append(job)

    storing.do(work, 0)
    storing.do(work, 1)
    threading.Timer(0.1, may_go.set).start()
    storing.close()
    assert done == [0]


def test_threads_take_turns_faster_only_while_something_is_stored():
    usual = sys.getswitchinterval()
    storing = Behind()
    try:
        assert sys.getswitchinterval() == pytest.approx(TURN)
    finally:
        storing.close()
    assert sys.getswitchinterval() == pytest.approx(usual)
    assert usual > TURN
