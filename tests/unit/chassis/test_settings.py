import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.chassis.environment import SettingsMissing, environment_name
from services.chassis.keys import demo_key
from services.chassis.process import ids_of
from services.chassis.settings import (
    Settings,
    business_clock,
    read,
    read_or_exit,
)

KEY = base64.b64encode(bytes(range(1, 33))).decode()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OF_SOME = ("pseudonym_key", "ledger_key")
NAMES = {name: environment_name(name, each) for name, each in Settings.model_fields.items()}


def given(**more: Any) -> dict[str, Any]:
    return {
        "kafka_servers": "127.0.0.1:9092",
        "mongo_url": "mongodb://127.0.0.1/?replicaSet=rs0",
        "public_url": "https://wraparound.example.org",
        "key_encryption_keys": f"one:{KEY}",
        "pseudonym_key": KEY,
        "search_key": KEY,
        "ledger_key": KEY,
    } | more


def some_settings(**more: Any) -> Settings:
    return read("plans", **given(**more))


def refused(**more: Any) -> str:
    with pytest.raises(SettingsMissing) as told:
        some_settings(**more)
    return str(told.value)


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES.values():
        monkeypatch.delenv(name, raising=False)


def test_a_missing_setting_is_one_sentence_that_names_it() -> None:
    without = given()
    del without["kafka_servers"]
    with pytest.raises(SettingsMissing) as told:
        read("plans", **without)
    assert str(told.value) == (
        "KAFKA_SERVERS is not set: name the Kafka brokers as host:port, or run `make demo`."
    )


def test_a_missing_setting_ends_the_process_with_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_or_exit("plans")
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("field", ["ledger_key", "key_encryption_keys", "clock_speed", "mongo_url"])
def test_an_unusable_setting_is_named_without_its_value(field: str) -> None:
    told = refused(**{field: "typed-by-mistake"})
    assert told.startswith(f"{NAMES[field]} cannot be used: ")
    assert "typed-by-mistake" not in told


def test_an_error_of_the_settings_never_shows_what_was_given() -> None:
    with pytest.raises(ValidationError) as told:
        Settings(service="plans", **given(clock_speed="typed-by-mistake"))
    assert "typed-by-mistake" not in str(told.value)


def test_the_environment_is_read_with_and_without_prefix(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "ledger"
    secret.write_text(f"{KEY}\n")
    for name, value in {
        "KAFKA_SERVERS": "broker:9092",
        "MONGO_URL": "mongodb://db",
        "MONGO_DRIVER": "pymongo",
        "CLOCK_SPEED": "60",
        "WRAPAROUND_ROLES": "web, relay",
        "WRAPAROUND_PUBLIC_URL": "https://wraparound.example.org",
        "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"one:{KEY}",
        "WRAPAROUND_PSEUDONYM_KEY": KEY,
        "WRAPAROUND_SEARCH_KEY": KEY,
        "WRAPAROUND_LEDGER_KEY_FILE": str(secret),
    }.items():
        monkeypatch.setenv(name, value)
    found = read("plans")
    assert (found.kafka_servers, found.mongo_driver, found.clock_speed) == (
        "broker:9092",
        "pymongo",
        60.0,
    )
    assert found.roles == {"web", "relay"}
    assert found.ledger == bytes(range(1, 33))
    assert found.own_database == "plans"


def test_a_secret_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRAPAROUND_LEDGER_KEY_FILE", "/nowhere/ledger")
    without = given()
    del without["ledger_key"]
    with pytest.raises(SettingsMissing, match="WRAPAROUND_LEDGER_KEY_FILE names a file"):
        read("plans", **without)


@pytest.mark.parametrize(
    "public_url",
    [
        "wraparound.example.org",  # a mail's link would lead nowhere
        "http://wraparound.example.org",  # a signature would pass in the clear
        "ftp://wraparound.example.org",
        "https://",
        "https://nora:secret@wraparound.example.org",
        "https://wraparound.example.org/school",
        "https://wraparound.example.org/?from=mail",
    ],
)
def test_an_address_that_links_cannot_begin_with_is_refused(public_url: str) -> None:
    told = refused(public_url=public_url)
    assert told.startswith("WRAPAROUND_PUBLIC_URL cannot be used: give the address that people")
    assert "such as https://wraparound.example.org." in told


def test_the_address_that_people_type_may_end_with_a_slash_or_be_this_machine_s() -> None:
    for public_url in ("https://wraparound.example.org/", "http://127.0.0.1:8080"):
        assert some_settings(public_url=public_url).public_url == public_url


def test_a_language_that_no_page_is_in_is_refused() -> None:
    assert refused(locale="fr") == (
        "WRAPAROUND_LOCALE cannot be used: give a language: en, es, pt, ht, kea or ar."
    )
    assert some_settings(locale="kea").locale == "kea"


@pytest.mark.parametrize("field", ["pseudonym_key", "search_key", "ledger_key"])
def test_keys_of_the_demo_are_refused_outside_it(field: str) -> None:
    assert "a key of the demo" in refused(**{field: demo_key("any")})
    assert "a key of the demo" in refused(key_encryption_keys=f"one:{demo_key('any')}")


@pytest.mark.parametrize(
    ("host", "public_url"),
    [("0.0.0.0", "http://127.0.0.1:8080"), ("127.0.0.1", "https://demo.example.org")],  # noqa: S104
)
def test_the_demo_is_refused_where_others_could_reach_it(host: str, public_url: str) -> None:
    told = refused(demo=True, host=host, public_url=public_url)
    assert told.startswith("demo mode is for this machine alone")


def test_the_demo_runs_on_loopback_with_its_own_keys_and_plain_cookies() -> None:
    demo = some_settings(demo=True, public_url="http://localhost:8080", ledger_key=demo_key("l"))
    assert demo.has_plain_cookies
    assert not some_settings().has_plain_cookies


KAFKA_LOGIN = {"kafka_username": "wraparound", "kafka_password": "correct horse"}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"kafka_security": "sasl_ssl"}, "KAFKA_SECURITY is sasl_ssl, and KAFKA_USERNAME or"),
        (
            {"kafka_security": "sasl_ssl", "kafka_username": "wraparound"},
            "KAFKA_SECURITY is sasl_ssl, and KAFKA_USERNAME or KAFKA_PASSWORD is not set",
        ),
        (KAFKA_LOGIN, "KAFKA_USERNAME or KAFKA_PASSWORD is set, and KAFKA_SECURITY lets nobody"),
        (
            {"kafka_servers": "a.example:9092", "kafka_security": "sasl_plaintext", **KAFKA_LOGIN},
            "KAFKA_SECURITY is sasl_plaintext, and a password would leave this machine",
        ),
        ({"kafka_security": "tls"}, "KAFKA_SECURITY cannot be used: plaintext, ssl, sasl_pl"),
        ({"kafka_sasl_mechanism": "gssapi"}, "KAFKA_SASL_MECHANISM cannot be used: plain, scram"),
        ({"kafka_ca_file": "/nowhere/ca.pem"}, "KAFKA_CA_FILE cannot be used: name a file of"),
    ],
)
def test_a_way_to_kafka_that_cannot_be_meant_is_refused(
    more: dict[str, str], sentence: str
) -> None:
    told = refused(**more)
    assert told.startswith(sentence)
    assert "correct horse" not in told


@pytest.mark.parametrize(
    "more",
    [
        {"kafka_security": "ssl"},
        {"kafka_security": "sasl_ssl", **KAFKA_LOGIN},
        {"kafka_servers": "127.0.0.1:1,[::1]:2", "kafka_security": "sasl_plaintext", **KAFKA_LOGIN},
        {
            "kafka_servers": "a.example:9092",
            "kafka_security": "sasl_plaintext",
            "kafka_sasl_mechanism": "scram-sha-512",
            **KAFKA_LOGIN,
        },
    ],
)
def test_a_way_to_kafka_is_taken_and_its_password_never_shown(more: dict[str, str]) -> None:
    made = some_settings(**more)
    assert made.brokers.client["security_protocol"] == more["kafka_security"].upper()
    assert "correct horse" not in repr(made) + repr(made.brokers)


def test_the_password_of_kafka_may_stand_in_a_file_and_an_empty_one_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "kafka_password"
    secret.write_text("correct horse\n")
    monkeypatch.setenv("KAFKA_PASSWORD_FILE", str(secret))
    signed_in = {"kafka_security": "sasl_ssl", "kafka_username": "wraparound"}
    assert some_settings(**signed_in).brokers.password == "correct horse"
    secret.write_text("")  # as `make secrets` leaves it for those who need none
    assert some_settings().brokers.password == ""


LOGIN = {"smtp_user": "wraparound", "smtp_password": "correct horse"}
TOKEN = {"sms_token": "correct-horse"}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"smtp_host": "mail.example.org"}, "WRAPAROUND_SMTP_SECURITY is not set, and mails would"),
        (
            {"smtp_host": "mail.example.org", "smtp_security": "none", **LOGIN},
            "WRAPAROUND_SMTP_SECURITY is none, and a password would",
        ),
        ({"smtp_user": "wraparound"}, "WRAPAROUND_SMTP_USER and WRAPAROUND_SMTP_PASSWORD go"),
        ({"smtp_password": "correct horse"}, "WRAPAROUND_SMTP_USER and WRAPAROUND_SMTP_PASSWORD"),
        ({"smtp_security": "ssl"}, "WRAPAROUND_SMTP_SECURITY cannot be used: starttls, tls or"),
        ({"sms_url": "http://sms.example.org/", **TOKEN}, "WRAPAROUND_SMS_URL cannot be used"),
        ({"sms_url": "ftp://127.0.0.1/", **TOKEN}, "WRAPAROUND_SMS_URL cannot be used"),
        ({"sms_url": "https:///texts", **TOKEN}, "WRAPAROUND_SMS_URL cannot be used"),
        ({"sms_url": "https://a:correct horse@sms.example.org/", **TOKEN}, "WRAPAROUND_SMS_URL"),
        ({"sms_url": "https://sms.example.org/"}, "WRAPAROUND_SMS_URL is set and WRAPAROUND_SMS"),
        ({"sms_url": "https://s.example/", "sms_token": "correct horse"}, "WRAPAROUND_SMS_TOKEN"),
    ],
)
def test_a_way_out_that_others_could_listen_in_on_is_refused(
    more: dict[str, str], sentence: str
) -> None:
    told = refused(**more)
    assert told.startswith(sentence)
    assert "correct horse" not in told


@pytest.mark.parametrize(
    "more",
    [
        {},
        LOGIN,  # to this machine, where nobody else listens
        {"smtp_host": "mail.example.org", "smtp_security": "none"},
        {"smtp_host": "mail.example.org", "smtp_security": "starttls", **LOGIN},
        {"smtp_host": "mail.example.org", "smtp_security": "tls", **LOGIN},
        TOKEN,  # as compose gives it to those who have no gateway yet
        {"sms_url": "https://sms.example.org:8443/v1/texts?district=7", **TOKEN},
        {"sms_url": "http://localhost:9000/texts", **TOKEN},
    ],
)
def test_a_way_out_that_is_safe_or_chosen_is_taken(more: dict[str, str]) -> None:
    made = some_settings(**more)
    assert not {"correct horse", "correct-horse"} & {*repr(made).split("'")}


def test_the_password_of_the_mail_server_may_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "smtp_password"
    secret.write_text("correct horse\n")
    monkeypatch.setenv("WRAPAROUND_SMTP_PASSWORD_FILE", str(secret))
    assert some_settings(smtp_user="wraparound").smtp_password.get_secret_value() == "correct horse"
    secret.write_text("")  # as `make secrets` leaves it for those who need none
    assert not some_settings().smtp_password.get_secret_value()


@pytest.mark.parametrize(
    "more",
    [
        {"smtp_host": "mail.example.org", "smtp_security": "tls"},
        {"sms_url": "https://sms.example.org/", **TOKEN},
    ],
)
def test_the_demo_writes_to_nobody_elsewhere(more: dict[str, str]) -> None:
    told = refused(demo=True, public_url="http://localhost:8080", **more)
    assert told.startswith("demo mode is for this machine alone")


def test_a_fail_point_is_refused_outside_the_demo() -> None:
    assert "FAIL_AT" in refused(fail_at="commit.before")


def test_no_secret_has_a_default_or_shows() -> None:
    secret = ("mongo_url", "key_encryption_keys", "search_key")
    assert all(Settings.model_fields[name].is_required() for name in secret)
    assert KEY not in repr(some_settings())


@pytest.mark.parametrize(
    ("service", "needs"),
    [
        ("plans", {"pseudonym_key", "ledger_key"}),
        ("notifications", {"pseudonym_key"}),
        ("referrals", set()),
    ],
)
def test_a_service_needs_the_keys_that_it_uses_and_no_others(service: str, needs: set[str]) -> None:
    usable = {name: text for name, text in given().items() if name not in OF_SOME} | dict.fromkeys(
        needs, KEY
    )
    assert read(service, **usable).service == service
    for name in needs:
        without = {each: text for each, text in usable.items() if each != name}
        with pytest.raises(SettingsMissing) as told:
            read(service, **without)
        assert str(told.value) == f"{NAMES[name]} is not set: give 32 random bytes in base64."


def test_every_setting_says_what_to_do_about_it() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_business_time_runs_from_its_start_at_its_speed() -> None:
    start = datetime(2026, 9, 1, 8, tzinfo=UTC)
    told = some_settings(clock_start=start, clock_anchor=NOW, clock_speed=60, clock_skew=2)
    clock = business_clock(told, lambda: NOW + timedelta(seconds=10))
    assert clock() == start + timedelta(minutes=10, seconds=2)


def test_ids_sort_by_the_clock_of_their_process_be_it_wrong() -> None:
    late, right = ids_of(some_settings(clock_skew=-600)), ids_of(some_settings())
    made = right(), late()

    assert {each.version for each in made} == {7}
    milliseconds = [each.int >> 80 for each in made]
    assert 599_000 < milliseconds[0] - milliseconds[1] < 601_000


def test_business_time_is_real_time_in_whole_milliseconds_unless_told_otherwise() -> None:
    clock = business_clock(some_settings(), lambda: NOW.replace(microsecond=123_999))
    assert clock() == NOW.replace(microsecond=123_000)
