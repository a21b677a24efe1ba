import io
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.referrals.directory.programs import DirectoryReading
from services.referrals.directory.programs_csv import read_programs
from services.referrals.directory.records import Transport, stable_id
from tests.unit.referrals.directory.files import (
    ORGANIZATION,
    PROGRAM,
    a_file,
    a_program,
    an_import,
    an_organization,
    codes,
    read,
)

READING = DirectoryReading(source="test", today=date(2026, 11, 22))


def test_a_service_has_its_facts_and_the_channels_of_its_organization() -> None:
    program = a_program(
        site_city="Burlington",
        transportation_provided="Yes",
        meals_provided="no",
        activities="Coding",
        registration_url="https://boats.example/join",
    )
    partner = an_organization(
        phone="6175550142", email="a@boats.example", city="Milton", zip="00101"
    )

    directory = read(an_import(program, organizations=(partner,)))

    (organization,), (service,) = directory.organizations, directory.services
    assert (organization.phone, organization.town, organization.zip) == (
        "+16175550142",
        "Milton",
        "00101",
    )
    assert (service.phone, service.email) == ("+16175550142", "a@boats.example")
    assert (service.areas, service.transport, service.meals) == (
        ("Burlington",),
        Transport.BRINGS,
        False,
    )
    assert service.url == "https://boats.example/join"
    assert service.categories == ("enrich.summer", "enrich.stem")


def test_what_is_not_given_stays_unknown() -> None:
    (service,) = read(an_import(a_program())).services

    assert (service.areas, service.languages, service.meals) == ((), (), None)
    assert service.transport is Transport.UNKNOWN
    assert (service.url, service.phone) == (None, None)


def test_ids_are_the_same_at_every_import_and_differ_by_source_and_kind() -> None:
    again = [read(an_import(a_program())).services[0].service_id for _ in range(2)]
    other = an_import(a_program(), reading=DirectoryReading(source="other"))

    assert again[0] == again[1] == stable_id("test", "service", "p1")
    assert read(other).services[0].service_id != again[0]
    assert stable_id("test", "organization", "p1") != again[0]


def test_odd_channels_of_an_organization_are_left_out_with_a_warning() -> None:
    odd = an_organization(phone="call us", email="us", website="our page")

    found = an_import(a_program(), organizations=(odd,))

    (organization,) = read(found).organizations
    assert (organization.phone, organization.email, organization.url) == (None, None, None)
    assert codes(found) == ["url_unreadable", "email_unreadable", "phone_unreadable"]


def test_rows_without_id_name_or_known_organization_are_rejected() -> None:
    good = [a_program(program_id=f"g{n}") for n in range(16)]
    bad = [a_program(program_id=""), a_program(org_id="o9"), a_program(program_id="g1")]

    found = an_import(*good, *bad)

    assert len(read(found).services) == 16
    assert codes(found) == ["program_incomplete", "organization_unknown", "repeated"]
    assert [each.line for each in found.files[1].findings] == [18, 19, 20]


def test_more_than_a_fifth_rejected_refuses_the_directory() -> None:
    found = an_import(a_program(), a_program(program_id=""))

    assert found.directory is None
    assert "1 of 2 rows" in found.refusals[0]


def test_files_are_known_by_their_header_and_a_missing_one_refuses() -> None:
    found = read_programs(
        [
            a_file("x.csv", ORGANIZATION),
            ("LICENSE", io.BytesIO(b"Anybody may.\n")),
            ("empty", io.BytesIO(b"")),
        ],
        READING,
    )

    assert found.directory is None
    assert codes(found) == ["no_directory", "no_directory"]
    assert found.refusals == (
        "No file of programs was found: its header row must name "
        "program_id, org_id, program_name, program_type.",
    )


CELLS = st.one_of(
    st.sampled_from(("$1-2", "K-9", "5+", "13:00", "2026-02-30", "http://[", "=1+1", "0001-01-01")),
    st.text(st.characters(codec="utf-8", exclude_characters='"'), max_size=12),
)
ROWS = st.fixed_dictionaries(dict.fromkeys(PROGRAM, CELLS) | {"org_id": st.just("o1")})


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_no_garbage_row_stops_a_directory(rows: list[dict[str, str]]) -> None:
    found = an_import(*rows, reading=READING)

    assert (found.directory is None) == bool(found.refusals)


@given(st.binary(max_size=300))
def test_no_garbage_file_stops_a_directory(content: bytes) -> None:
    header = (",".join(PROGRAM) + "\n").encode()
    files = [("p.csv", io.BytesIO(header + content)), a_file("o.csv", ORGANIZATION)]

    assert len(read_programs(files, READING).files) == 2


@given(st.permutations([a_program(program_id=f"p{n}") for n in range(4)]))
@settings(max_examples=20, deadline=None)
def test_no_order_of_rows_changes_the_services(rows: list[dict[str, str]]) -> None:
    services = read(an_import(*rows)).services

    assert {each.source_id for each in services} == {"p0", "p1", "p2", "p3"}
