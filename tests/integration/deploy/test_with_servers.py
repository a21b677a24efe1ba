import signal
from pathlib import Path

from tests.integration.deploy.observed import all_gone, children, program

WITH = ("-m", "deploy.local.with_servers", "--")
NAMES = "import os; print(os.environ['KAFKA_SERVERS'], os.environ['MONGO_URL'])"
GIVEN = {"KAFKA_SERVERS": "kafka.example:9092", "MONGO_URL": "mongodb://mongo.example"}


def test_the_command_gets_the_given_servers_and_none_is_started() -> None:
    with program(*WITH, "python3", "-c", NAMES, **GIVEN) as child:
        out, said = child.communicate(timeout=40)

    assert out == "kafka.example:9092 mongodb://mongo.example\n"
    assert said == ""


def test_the_command_gets_servers_that_were_started_for_it() -> None:
    with program(*WITH, "python3", "-c", NAMES) as child:
        out, said = child.communicate(timeout=60)

    assert out.startswith("127.0.0.1:")
    assert "mongodb://127.0.0.1:" in out
    assert {line.split()[0] for line in said.splitlines()} == {"kafka", "mongo"}


def test_the_exit_code_of_the_command_is_handed_on() -> None:
    with program(*WITH, "sh", "-c", "exit 5", **GIVEN) as child:
        assert child.wait(40) == 5


def test_being_asked_to_end_ends_the_command_too(tmp_path: Path) -> None:
    with program(*WITH, "sh", "-c", "echo here; exec sleep 99", **GIVEN) as child:
        assert child.stdout is not None
        child.stdout.readline()
        pids = children(child.pid)

        child.send_signal(signal.SIGTERM)

        assert child.wait(40) != 0
        assert all_gone(pids)
