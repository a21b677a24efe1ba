from services.chassis.pace import FULL, LONGEST_SECONDS, pause_after


def test_nobody_waits_for_company_when_idle() -> None:
    assert pause_after(0) == 0
    assert pause_after(1) <= 0.001


def test_the_busier_the_longer_up_to_a_bound() -> None:
    pauses = [pause_after(n) for n in range(FULL)]

    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_SECONDS


def test_a_backlog_is_not_kept_waiting() -> None:
    assert pause_after(FULL) == 0
