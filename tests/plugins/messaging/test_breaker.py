from datetime import timedelta

import pytest

from dataagents.core.testing import InterceptorContract
from dataagents.core.testing.clock import START
from dataagents.plugins.messaging.breaker import Breaker, BreakerOptions, BreakerState, Circuit


class TestBreaker(InterceptorContract):
    def interceptor(self):
        return Breaker(BreakerOptions())


def after(seconds):
    return START + timedelta(seconds=seconds)


@pytest.fixture
def circuit():
    return Circuit(BreakerOptions(failures=2, pause=10))


def test_it_opens_after_failures_in_a_row(circuit):
    circuit.failed(START)
    circuit.succeeded()
    circuit.failed(START)
    assert circuit.state is BreakerState.CLOSED
    circuit.failed(START)
    assert circuit.state is BreakerState.OPEN
    assert not circuit.admits(after(9.9))
    assert circuit.refused == 1


def test_half_open_it_lets_one_try(circuit):
    circuit.failed(START)
    circuit.failed(START)
    assert circuit.admits(after(10))
    assert circuit.state is BreakerState.HALF_OPEN
    assert not circuit.admits(after(10)), "the one that tries is still on its way"


def test_a_success_closes_it(circuit):
    circuit.failed(START)
    circuit.failed(START)
    assert circuit.admits(after(10))
    circuit.succeeded()
    assert circuit.state is BreakerState.CLOSED
    assert circuit.admits(after(10))


def test_a_failed_try_opens_it_again(circuit):
    circuit.failed(START)
    circuit.failed(START)
    assert circuit.admits(after(10))
    circuit.failed(after(11))
    assert not circuit.admits(after(20))
    assert circuit.admits(after(21))
    assert circuit.opened == 2
