from services.chassis.line_stop import STOP_KEYS, STOP_SECONDS, LineStop


class Stopwatch:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def parked(line: LineStop, *, route: str = "route", error: str = "error", keys: int) -> bool:
    """Park that many different keys; gives what the last one said."""
    return [line.note_parked(route, error, f"key-{n}") for n in range(keys)][-1]


def test_enough_different_keys_of_one_route_and_error_stop_the_line() -> None:
    assert not parked(LineStop(Stopwatch()), keys=STOP_KEYS - 1)
    assert parked(LineStop(Stopwatch()), keys=STOP_KEYS)


def test_one_key_parked_again_and_again_does_not_stop_the_line() -> None:
    line = LineStop(Stopwatch())

    assert not any(line.note_parked("route", "error", "key") for _ in range(STOP_KEYS * 2))


def test_different_errors_or_routes_do_not_stop_the_line_together() -> None:
    line = LineStop(Stopwatch())

    assert not parked(line, error="one", keys=STOP_KEYS - 1)
    assert not parked(line, error="two", keys=STOP_KEYS - 1)
    assert not parked(line, route="another", error="one", keys=STOP_KEYS - 1)


def test_a_small_share_of_a_routes_records_does_not_stop_the_line() -> None:
    line = LineStop(Stopwatch())
    line.note_handled({"route": 10_000})

    assert not parked(line, keys=STOP_KEYS * 2)


def test_what_other_routes_handled_does_not_hide_a_bug() -> None:
    line = LineStop(Stopwatch())
    line.note_handled({"another": 10_000})

    assert parked(line, keys=STOP_KEYS)


def test_what_is_long_ago_does_not_count() -> None:
    watch = Stopwatch()
    line = LineStop(watch)
    line.note_handled({"route": 10_000})
    parked(line, keys=STOP_KEYS - 1)
    watch.now = STOP_SECONDS + 1

    assert not line.note_parked("route", "error", "one more")
    assert parked(line, keys=STOP_KEYS)


def test_a_line_let_go_on_starts_anew() -> None:
    line = LineStop(Stopwatch())
    parked(line, keys=STOP_KEYS)

    line.start_anew()

    assert not line.note_parked("route", "error", "one more")
