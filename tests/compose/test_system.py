"""docker-compose.yml as it is, without demo mode."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.compose.docker import LASTING, SERVICES, Compose, docker, until

ADDRESSES = {service: f"$(cat /run/secrets/{service}_mongo_url)" for service in SERVICES}


def status(system: Compose, path: str) -> int:
    published = system("port", "gateway", "8080").strip()
    try:
        with urllib.request.urlopen(f"http://{published}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return answer.code


def in_mongo(system: Compose, script: str, *, address: str) -> str:
    return system.execute(
        "mongo", "sh", "-c", f"mongosh --quiet --norc \"{address}\" --eval '{script}'"
    )


def as_root(database: str) -> str:
    return (
        "mongodb://wraparound:$(cat /run/secrets/mongo_password)@localhost:27017/"
        f"{database}?directConnection=true&authSource=admin"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_ready_and_can_be_reached_through_the_network(
    system: Compose, service: str
) -> None:
    answer = json.loads(
        system.execute("gateway", "wget", "-q", "-O", "-", f"http://{service}:8000/readyz")
    )

    assert answer["ok"] is True


@pytest.mark.parametrize(
    "path", ["/", "/referrals/", "/notifications/", "/f/unknown", "/p/unknown"]
)
def test_the_gateway_passes_every_path_to_a_service_that_is_there(
    system: Compose, path: str
) -> None:
    assert status(system, "/gateway/livez") == 200
    assert status(system, path) not in {500, 502, 503, 504}


@pytest.mark.parametrize("service", [*LASTING, "topics"])
def test_no_container_is_root_or_may_change_its_image_or_gain_rights(
    system: Compose, service: str
) -> None:
    container = system.container(service)
    host = container["HostConfig"]

    assert container["Config"]["User"].split(":")[0] not in {"", "0", "root"}
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert set(host["CapAdd"] or ()) <= {"CAP_NET_BIND_SERVICE", "NET_BIND_SERVICE"}
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0


@pytest.mark.parametrize("service", LASTING)
def test_every_lasting_container_has_a_health_check_and_is_started_anew(
    system: Compose, service: str
) -> None:
    container = system.container(service)

    assert container["State"]["Health"]["Status"] == "healthy"
    assert container["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"


def test_every_image_has_a_version(system: Compose) -> None:
    tags = {image.partition(":")[2] for image in system("config", "--images").split()}

    assert not tags & {"", "latest"}


@pytest.mark.parametrize("service", [*LASTING, "topics"])
def test_no_secret_stands_in_an_environment_or_a_command_line(
    system: Compose, service: str, secrets_folder: Path
) -> None:
    known = json.dumps(system.container(service))
    kept = {path.name: path.read_text() for path in secrets_folder.iterdir()}

    assert not [name for name, text in kept.items() if text and text in known]


def test_only_the_gateway_can_be_reached_and_only_from_this_machine(system: Compose) -> None:
    published = {
        service: [place["HostIp"] for places in bindings.values() for place in places or ()]
        for service in LASTING
        if (bindings := system.container(service)["HostConfig"]["PortBindings"])
    }

    assert published == {"gateway": ["127.0.0.1"]}


def test_the_servers_have_no_way_out_and_the_gateway_none_to_them(system: Compose) -> None:
    def networks(service: str) -> dict[str, Any]:
        found: dict[str, Any] = system.container(service)["NetworkSettings"]["Networks"]
        return found

    (inner,) = networks("kafka")
    assert networks("mongo").keys() == {inner}
    assert inner not in networks("gateway")
    assert json.loads(docker("network", "inspect", inner))[0]["Internal"] is True


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_use_its_own_database_and_no_other(system: Compose, service: str) -> None:
    script = (
        'try { db.getSiblingDB("%s").marks.findOne(); print("yes") } '
        "catch (error) { print(error.codeName) }"
    )
    allowed = {
        name: in_mongo(system, script % name, address=ADDRESSES[service]).strip()
        for name in (*SERVICES, "platform", "admin")
    }

    assert [name for name, said in allowed.items() if said == "yes"] == [service, "platform"]
    assert set(allowed.values()) == {"yes", "Unauthorized"}


def test_creating_the_topics_again_finds_them_all(system: Compose) -> None:
    assert system("run", "--rm", "-T", "topics").strip() == "0 topics created"


@pytest.mark.parametrize("service", LASTING)
def test_what_ends_by_itself_is_started_anew_and_gets_healthy(
    system: Compose, service: str
) -> None:
    before = system.container(service)["RestartCount"]

    system.execute(service, "sh", "-c", "kill -TERM 1")

    until(lambda: system.container(service)["RestartCount"] > before, what=f"{service} restarted")
    until(lambda: system.health(service) == "healthy", what=f"{service} healthy")


def test_a_service_without_its_database_is_unhealthy_until_it_is_back(system: Compose) -> None:
    system("stop", "mongo")
    try:
        until(lambda: system.health("plans") == "unhealthy", what="plans unhealthy")
    finally:
        system("start", "mongo")

    until(lambda: system.health("plans") == "healthy", what="plans healthy")


def test_what_was_written_survives_taking_everything_down(system: Compose) -> None:
    in_mongo(system, "db.marks.insertOne({_id: 1})", address=as_root("survival"))

    system("down")
    system.up()

    assert (
        in_mongo(system, "print(db.marks.countDocuments())", address=as_root("survival")) == "1\n"
    )
    assert system("logs", "--no-log-prefix", "topics").strip() == "0 topics created"
