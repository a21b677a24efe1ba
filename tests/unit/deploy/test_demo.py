from pathlib import Path

from deploy.local.demo import Options, cast, options_from
from deploy.local.given import Given

GIVEN = Given(kafka_servers="kafka.example:9092", mongo_url="mongodb://mongo.example")


def test_given_servers_are_not_started_here() -> None:
    demo = cast(Options(folder=Path("nowhere")), GIVEN)

    assert [part.name for part in demo.servers.processes] == ["mail"]


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
