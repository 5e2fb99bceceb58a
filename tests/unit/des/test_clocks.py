"""Countdowns that pause, and random streams of their own."""

from __future__ import annotations

from chainsim.des.agenda import Agenda, Timeline
from chainsim.des.clocks import Clock, Draws
from chainsim.library.model import Distribution

LAW = Distribution(kind="exponential", parameters={"mean": 10.0})


def clock_with_log() -> tuple[Timeline, Clock, list[float]]:
    env = Timeline()
    agenda = Agenda(env)
    clock = Clock(agenda, 0)
    rung: list[float] = []

    def ring(_: int, version: int) -> None:
        if clock.rings(version):
            rung.append(env.now)

    agenda.know("ring", ring)
    return env, clock, rung


def test_a_clock_stands_until_it_is_started():
    env, clock, rung = clock_with_log()
    clock.set(5.0)
    env.run(until=20)
    assert rung == []
    clock.run(True)
    env.run(until=40)
    assert rung == [25.0]


def test_a_paused_clock_goes_on_where_it_stopped():
    env, clock, rung = clock_with_log()
    clock.set(10.0)
    clock.run(True)
    env.run(until=4)
    clock.run(False)
    env.run(until=50)
    clock.run(True)
    clock.run(True)  # running already
    env.run(until=100)
    assert rung == [56.0]


def test_a_clock_rings_once_and_can_be_set_again():
    env, clock, rung = clock_with_log()
    clock.run(True)
    clock.set(3.0)
    env.run(until=10)
    clock.set(3.0)
    env.run(until=20)
    assert rung == [3.0, 13.0]


def test_setting_anew_forgets_the_old_countdown():
    env, clock, rung = clock_with_log()
    clock.run(True)
    clock.set(3.0)
    clock.set(7.0)
    env.run(until=20)
    assert rung == [7.0]


def test_streams_depend_on_seed_replication_and_component_only():
    def first(*key: object) -> float:
        return Draws(*key).duration(LAW)  # type: ignore[arg-type]

    assert first(1, 0, "a") == first(1, 0, "a")
    assert len({first(1, 0, "a"), first(2, 0, "a"), first(1, 1, "a"), first(1, 0, "b")}) == 4
