"""Work on threads: results in order, little under way at once, errors at once."""

import threading
import time

import pytest

from synaptrial.execution.executor import cores_or_all, map_threads


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_results_come_in_order(cores):
    def work(i: int) -> int:
        time.sleep(0.003 * (i % 3))
        return i * i

    assert list(map_threads(work, range(20), cores)) == [i * i for i in range(20)]


def test_work_runs_on_several_threads():
    both = threading.Barrier(2, timeout=20)
    assert list(map_threads(lambda i: both.wait() >= 0, range(2), 2)) == [True, True]


@pytest.mark.parametrize("cores", [1, 3])
def test_little_is_under_way_however_many_items(cores):
    begun: list[int] = []
    results = map_threads(lambda i: begun.append(i), iter(range(10**9)), cores, ahead=2)
    for taken in range(1, 30):
        next(results)
        assert len(begun) <= taken + cores + 2
    results.close()


@pytest.mark.parametrize("cores", [1, 2])
def test_an_error_is_raised_and_the_rest_does_not_begin(cores):
    begun: list[int] = []

    def work(i: int) -> int:
        begun.append(i)
        if i == 3:
            raise ValueError("bad item")
        return i

    with pytest.raises(ValueError, match="bad item"):
        list(map_threads(work, range(1000), cores))
    assert len(begun) < 10


def test_cores():
    assert cores_or_all(3) == 3
    assert cores_or_all(None) >= 1
