"""Work is done whatever number of threads the system gives, none among them."""

from __future__ import annotations

import threading
import time

import pytest

from rumkit.threads import Workers, in_thread, started


@pytest.fixture
def threads_left(monkeypatch):
    """Let the system have so many threads more, and no others."""
    start = threading.Thread.start
    left = [0]

    def start_or_refuse(self):
        if left[0] <= 0:
            raise RuntimeError("can't start new thread")
        left[0] -= 1
        start(self)

    monkeypatch.setattr(threading.Thread, "start", start_or_refuse)
    return left


def seconds_of_six(most):
    begun = time.monotonic()
    with Workers(most) as pool:
        assert list(pool.map(lambda n: (time.sleep(0.1), n)[1], range(6))) == list(range(6))
    return time.monotonic() - begun


def test_six_pieces_in_six_threads_take_the_time_of_few():
    assert seconds_of_six(6) < 0.5


@pytest.mark.parametrize("number", [0, 1, 2])
def test_all_is_done_in_the_threads_that_can_be_had(number, threads_left):
    threads_left[0] = number
    before = threading.active_count()
    assert seconds_of_six(6) >= 0.6 / max(number, 1) - 0.01
    assert threading.active_count() == before


def test_a_piece_that_submits_another_waits_for_no_thread(threads_left):
    with Workers(4) as pool:
        assert pool.submit(lambda: pool.submit(lambda: 7).result()).result() == 7


def test_what_a_piece_raises_is_raised_where_its_result_is_asked_for(threads_left):
    def fail():
        raise ValueError("it did not work")

    for number in (0, 1):
        threads_left[0] = number
        with Workers(2) as pool:
            failed = pool.submit(fail)
            with pytest.raises(ValueError, match="did not work"):
                failed.result()
        with pytest.raises(ValueError, match="did not work"):
            in_thread(fail, "x").result()


def test_what_has_not_begun_can_be_cancelled():
    begun, go = threading.Event(), threading.Event()
    pool = Workers(1)
    first = pool.submit(lambda: (begun.set(), go.wait())[1])
    second = pool.submit(lambda: 1)
    begun.wait()
    pool.shutdown(wait=False, cancel_futures=True)
    go.set()
    assert second.cancelled()
    assert first.result() is True
    with pytest.raises(RuntimeError):
        pool.submit(lambda: 1)


def test_a_thread_that_can_not_be_had_is_told(threads_left):
    assert started(threading.Thread(target=lambda: None)) is False
    threads_left[0] = 1
    assert started(threading.Thread(target=lambda: None)) is True
