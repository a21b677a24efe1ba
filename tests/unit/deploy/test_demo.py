from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local.demo import Options, cast, options_from, time_of
from deploy.local.given import Given
from deploy.local.town.district import TIME_ZONE
from services.notifications.domain.quiet import is_quiet

GIVEN = Given(kafka_servers="kafka.example:9092", mongo_url="mongodb://mongo.example")


def test_given_servers_are_not_started_here() -> None:
    demo = cast(Options(folder=Path("nowhere")), GIVEN)

    assert [part.name for part in demo.servers.processes] == ["mail", "sms"]


def test_every_part_is_told_where_the_given_servers_are() -> None:
    demo = cast(Options(folder=Path("nowhere")), GIVEN)

    assert demo.environment["KAFKA_SERVERS"] == "kafka.example:9092"
    assert demo.environment["MONGO_URL"] == "mongodb://mongo.example"


def test_the_gateway_starts_last_and_no_two_parts_share_a_port() -> None:
    demo = cast(Options(folder=Path("nowhere")), Given())

    ports = [port for part in demo.processes for port in part.ports]
    assert demo.processes[-1].name == "gateway"
    assert len(ports) == len(set(ports))


def test_the_command_line_reaches_the_options() -> None:
    options = options_from(
        ["--fresh", "--check", "--roster", "r", "--directory", "d", "--areas", "a"]
    )

    assert (options.fresh, options.check, options.roster, options.directory, options.areas) == (
        True,
        True,
        "r",
        "d",
        "a",
    )


@pytest.mark.parametrize(("month", "hour"), [(11, 0), (11, 3), (11, 12), (5, 23)])
def test_at_night_the_clock_starts_in_the_morning_so_that_families_may_be_written_to(
    month: int, hour: int
) -> None:
    now = datetime(2026, month, 20, hour, 30, tzinfo=UTC)  # half past seven in the evening, and on

    told = time_of(Options(folder=Path("nowhere")), now)

    start = datetime.fromisoformat(told["CLOCK_START"])
    assert not is_quiet(start, TIME_ZONE)
    assert timedelta(0) < start - now < timedelta(days=1)
    assert "night" in told["WRAPAROUND_NOTICE"]


def test_by_day_the_clock_is_the_real_one() -> None:
    told = time_of(Options(folder=Path("nowhere")), datetime(2026, 11, 22, 15, tzinfo=UTC))

    assert "CLOCK_START" not in told
    assert told["WRAPAROUND_NOTICE"] == ""


def test_the_start_page_is_told_whose_story_may_be_tried() -> None:
    told = time_of(Options(folder=Path("nowhere")), datetime(2026, 11, 22, 15, tzinfo=UTC))

    assert "Dadou Fanaldoux with Nora Harborlight (Haitian Creole)" in told["WRAPAROUND_DEMO_HINT"]
