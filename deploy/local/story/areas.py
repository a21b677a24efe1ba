"""Which ZIPs and towns make a zone: the file that AREAS names, with columns zone, zip, town."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.local.failure import Failure
from services.plans.roster.records import ZoneRecord

COLUMNS: Final = ("zone", "zip", "town")


@dataclass(frozen=True, kw_only=True)
class Areas:
    """Zones of a demo; none at all: where people live and services work is not known."""

    zones: tuple[ZoneRecord, ...] = ()
    zone_by_town: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        """The ids of all zones."""
        return tuple(each.source_id for each in self.zones)

    def of_towns(self, towns: Iterable[str]) -> tuple[str, ...]:
        """The zones of towns; one that the file does not name is not known."""
        known = (self.zone_by_town.get(each) for each in towns)
        return tuple(dict.fromkeys(each for each in known if each))


def read_areas(path: str) -> Areas:
    """Read the file; no path, no zones.

    Raises:
        Failure: one sentence on a file that cannot be used.
    """
    rows = _rows(path) if path else []
    zips: dict[str, set[str]] = {row["zone"]: set() for row in rows}
    for row in rows:
        zips[row["zone"]] |= {row["zip"]} - {""}
    return Areas(
        zones=tuple(
            ZoneRecord(source_id=zone, name=zone, zips=tuple(sorted(found)))
            for zone, found in zips.items()
        ),
        zone_by_town={row["town"]: row["zone"] for row in rows if row["town"]},
    )


def _rows(path: str) -> list[dict[str, str]]:
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise Failure(f"AREAS={path} needs the columns {', '.join(COLUMNS)}.")
            found = [{name: (row[name] or "").strip() for name in COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Failure(f"AREAS={path} cannot be read: name a CSV file in UTF-8.") from error
    return [row for row in found if row["zone"]]
