"""What watches over a process: what waits is measured, and whether work can be done is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from services.chassis.commit import Committer
from services.chassis.consumer import Consumer
from services.chassis.dead_letters import DeadLetters
from services.chassis.kafka_link import KafkaLink
from services.chassis.kernel import Outage
from services.chassis.mongo import Database
from services.chassis.outbox import Outbox
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.chassis.vault import Vault
from services.chassis.waiting import is_told_to_end

WATCH_SECONDS: Final = 1.0
POLLED_SECONDS: Final = 30.0


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Measures every second; while too much waits or the database is away, no command is taken."""

    settings: Settings
    listens: bool  # whether this process is to have a consumer
    database: Database
    vault: Vault
    outbox: Outbox
    dead_letters: DeadLetters
    committer: Committer
    consumer: Consumer
    telemetry: Telemetry
    real_time: Callable[[], datetime]
    kafka: KafkaLink

    async def run(self) -> None:
        """Measure until cancelled."""
        while not is_told_to_end():
            try:
                await self._measure()
            except Outage:
                self.committer.is_away = True
                self.telemetry.count("outages_total", part="database")
                structlog.get_logger().warning("database.away")
            else:
                self.committer.is_away = False
            await asyncio.sleep(WATCH_SECONDS)

    async def _measure(self) -> None:
        settings, telemetry = self.settings, self.telemetry
        rows, seconds = await self.outbox.backlog(limit=settings.outbox_rows + 1)
        self.committer.is_too_busy = (
            rows > settings.outbox_rows or seconds > settings.outbox_seconds
        )
        if self.vault.misfit is not None:
            await self.vault.look()
        await self.dead_letters.look_for_resume()
        telemetry.gauge("outbox_rows", rows)
        telemetry.gauge("outbox_oldest_seconds", seconds)
        telemetry.gauge("line_is_stopped", self.dead_letters.is_stopped)
        telemetry.gauge("parked_rows", await self.dead_letters.count())
        if self.consumer.is_assigned:
            telemetry.gauge("consumer_poll_age_seconds", self._heard_ago())

    async def readiness(self) -> dict[str, bool | str]:
        """Each thing that must hold for work to be done here; True or the reason why not."""
        return {
            "database": await self.database.ping() or "MongoDB cannot be written to",
            "outbox": not self.committer.is_too_busy or "events wait too long to be sent",
            "assigned": not self.listens
            or self.consumer.is_assigned
            or self.kafka.refusal
            or "no partitions yet",
            "polled": not self.listens
            or self._heard_ago() < POLLED_SECONDS
            or "nothing was heard, or one batch was in hand, for 30 s",
            "line": not self.dead_letters.is_stopped or "too many events were parked",
            "keys": self.vault.misfit or True,
        }

    def _heard_ago(self) -> float:
        return (self.real_time() - self.consumer.heard_at()).total_seconds()
