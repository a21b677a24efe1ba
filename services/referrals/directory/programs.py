"""Organizations and services out of a directory's rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from services.chassis.contact_points import is_email, phone_number
from services.chassis.csv_files import CsvRow
from services.referrals.directory.categories import meanings
from services.referrals.directory.costs import cost
from services.referrals.directory.hours import schedule, upcoming
from services.referrals.directory.limits import limits
from services.referrals.directory.records import (
    OrganizationRecord,
    ServiceRecord,
    Transport,
    stable_id,
)

YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
DESCRIPTION_LENGTH = 2_000


@dataclass(frozen=True, kw_only=True)
class DirectoryReading:
    """How to read a directory; `today` moves past dates next to it (demo only)."""

    source: str
    today: date | None = None
    region: str = "US"


def organization(cells: CsvRow, reading: DirectoryReading) -> OrganizationRecord | None:
    """A row of the organizations. Codes: `organization_incomplete`, `phone_unreadable`, others."""
    source_id, name = cells["org_id"], cells["org_name"]
    if not (source_id and name):
        sentence = "The organization needs an id and a name."
        cells.row.reject("org_id", "organization_incomplete", sentence)
        return None
    return OrganizationRecord(
        source_id=source_id,
        organization_id=stable_id(reading.source, "organization", source_id),
        name=name,
        kind=cells["org_type"],
        url=_url(cells, "website"),
        email=_email(cells),
        phone=_phone(cells, reading.region),
        town=cells["city"] or None,
        zip=cells["zip"][:5] or None,
    )


def service(
    cells: CsvRow, organizations: Mapping[str, OrganizationRecord], reading: DirectoryReading
) -> ServiceRecord | None:
    """A row of the programs, with the channels of its organization.

    Codes: `program_incomplete`, `organization_unknown`, those of the cells.
    """
    row, source_id, name = cells.row, cells["program_id"], cells["program_name"]
    partner = organizations.get(cells["org_id"])
    if not (source_id and name):
        row.reject("program_id", "program_incomplete", "The program needs an id and a name.")
        return None
    if partner is None:
        row.reject("org_id", "organization_unknown", "No row of the organizations has this id.")
        return None
    bounds = limits(
        row,
        age_min=cells["age_min"],
        age_max=cells["age_max"],
        grade_min=cells["grades_min"],
        grade_max=cells["grades_max"],
    )
    stated = schedule(cells)
    categories, interests = meanings(cells["program_type"], cells["activities"], row)
    return ServiceRecord(
        source_id=source_id,
        service_id=stable_id(reading.source, "service", source_id),
        organization_source_id=partner.source_id,
        name=name,
        description=cells["description"][:DESCRIPTION_LENGTH],
        categories=tuple(categories),
        interests=tuple(interests),
        age_min=bounds.age_min,
        age_max=bounds.age_max,
        grade_min=bounds.grade_min,
        grade_max=bounds.grade_max,
        cost=cost(cells["cost_per_week"], cells["cost_raw"], row),
        schedule=upcoming(stated, reading.today) if reading.today else stated,
        areas=(cells["site_city"],) if cells["site_city"] else (),
        transport=_transport(cells["transportation_provided"]),
        meals=YES_NO.get(cells["meals_provided"].lower()),
        url=_url(cells, "registration_url") or partner.url,
        email=partner.email,
        phone=partner.phone,
    )


def _transport(text: str) -> Transport:
    brings = YES_NO.get(text.lower())
    if brings is None:
        return Transport.UNKNOWN
    return Transport.BRINGS if brings else Transport.NONE


def _url(cells: CsvRow, column: str) -> str | None:
    text = cells[column]
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in {"http", "https"} and parts.netloc:
        return text
    if text:
        cells.row.warn(column, "url_unreadable", "The address is no web address; left out.")
    return None


def _email(cells: CsvRow) -> str | None:
    if is_email(cells["email"]):
        return cells["email"]
    if cells["email"]:
        sentence = "An e-mail address is no address; left out."
        cells.row.warn("email", "email_unreadable", sentence)
    return None


def _phone(cells: CsvRow, region: str) -> str | None:
    found = phone_number(cells["phone"], region)
    if found is None and cells["phone"]:
        sentence = "A phone number cannot be dialled; left out."
        cells.row.warn("phone", "phone_unreadable", sentence)
    return found
