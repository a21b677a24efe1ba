"""What must hold whatever befell the services; seen from outside, in topics and databases alone.

Each check gives a sentence per violation, so that a broken system tells how it is broken.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Final

from deploy.checker.consents import consents_agree
from deploy.checker.expected import OF_PEOPLE, Expected
from deploy.checker.families import families_told
from deploy.checker.holds import unsigned_after_hold
from deploy.checker.looks import looks
from deploy.checker.seen import Seen
from deploy.checker.told import TABLES
from services.notifications.domain.offers import TO_PARTNER
from services.notifications.domain.queueing import EACH_TIME
from services.plans.domain.consents import Consent


def findings(seen: Seen, expected: Expected) -> list[str]:
    """All that is wrong with what was seen."""
    return [
        *acknowledged(seen, expected),
        *one_referral_each(seen),
        *withdrawn_is_over(seen),
        *partners_told(seen),
        *families_told(seen.told),
        *acts_answered_once(seen),
        *copies_agree(seen),
        *consents_agree(seen.books, seen.rows["referrals consents"]),
        *disclosures(seen),
        *looks(seen.told),
        *unsigned_after_hold(seen.told),
        *seats(seen),
        *sequences(seen),
        *handled(seen),
        *messages(seen),
        *left_over(seen),
    ]


def acknowledged(seen: Seen, expected: Expected) -> Iterator[str]:
    """Whoever read *done* has the effect, exactly once; nothing happened that nobody asked for."""
    happened = Counter(
        (each.fact, " ".join(seen.named(each.value[name]) for name in OF_PEOPLE[each.fact]))
        for each in seen.told
        if each.fact in OF_PEOPLE
    )
    yield from expected.wrong(happened)


def one_referral_each(seen: Seen) -> Iterator[str]:
    """Every need has one referral, opened once."""
    opened = Counter(each.value["need_id"] for each in seen.of("referral_opened"))
    kept = Counter(row["need_id"] for row in seen.rows["referrals referrals"])
    for row in seen.rows["plans needs"]:
        if (opened[row["_id"]], kept[row["_id"]]) != (1, 1):
            yield f"need {row['_id']}: opened {opened[row['_id']]}, kept {kept[row['_id']]} times"
        if row["referral_id"] is None:
            yield f"need {row['_id']} knows of no referral"


def withdrawn_is_over(seen: Seen) -> Iterator[str]:
    """A need is withdrawn by staff or by a family's no, and then nobody is asked any more."""
    withdrawn = {each.value["need_id"] for each in seen.of("need_withdrawn")}
    withdrawn |= {
        each.value["need_id"]
        for each in seen.of("referral_closed")
        if each.value["state"] == "CLOSED_DECLINED"
    }
    for row in seen.rows["plans needs"]:
        if (row["state"] == "WITHDRAWN") != (row["_id"] in withdrawn):
            yield f"need {row['_id']} is {row['state']}; withdrawn: {row['_id'] in withdrawn}"
    for row in seen.rows["referrals referrals"]:
        live = [each for each in row["offers"] if each["state"] in {"OFFERED", "ACCEPTED"}]
        if row["need_id"] in withdrawn and live:
            yield f"need {row['need_id']} is withdrawn and {len(live)} offers of it are live"


def partners_told(seen: Seen) -> Iterator[str]:
    """For each offer there is a message to its partner, or a word on why there is none."""
    made = Counter(each.value["need_id"] for each in seen.of("offer_made"))
    messages = {
        each.value["message_id"]: each.value["need_id"]
        for each in seen.of("message_queued", "message_suppressed")
        if (each.value["template"], each.value["recipient"]) == ("offer", "partner")
    }
    told = Counter(messages.values())
    for need, offers in made.items():
        if told[need] < offers:
            yield f"need {need}: {offers} offers, and partners heard of {told[need]}"


def acts_answered_once(seen: Seen) -> Iterator[str]:
    """Every act is answered by exactly one event, and nobody waits for an answer."""
    answers = Counter(each.value["answers"] for each in seen.told if each.value.get("answers"))
    asked = [each.value["act_id"] for each in seen.told if "act_id" in each.value]
    for act in {*asked, *answers}:
        if (asked.count(act), answers[act]) != (1, 1):
            yield f"act {act}: asked {asked.count(act)}, answered {answers[act]} times"
    for row in seen.rows["plans needs"]:
        if any(each["state"] == "asked" for each in row["acts"]):
            yield f"need {row['_id']} still waits for an answer"


def copies_agree(seen: Seen) -> Iterator[str]:
    """What plans shows of an offer is what became of it."""
    shown = {
        offer["offer_id"]: offer["state"]
        for row in seen.rows["plans cases"]
        for offer in row["offers"]
    }
    for row in seen.rows["referrals referrals"]:
        for offer in row["offers"]:
            state = offer["state"]
            if state not in {"PROPOSED", "DROPPED"} and shown.get(offer["offer_id"]) != state:
                yield f"offer {offer['offer_id']} is {state}, shown {shown.get(offer['offer_id'])}"


def disclosures(seen: Seen) -> Iterator[str]:
    """Every released Packet has its one entry and a consent that was live; ledgers verify."""
    yield from seen.faulty_ledgers
    yield from releases(seen)
    packets = Counter(each.value["need_id"] for each in seen.of("packet_released"))
    entries = Counter(
        each.need_id for each in seen.entries if getattr(each.facts, "decision", "") == "released"
    )
    for need in packets.keys() | entries.keys():
        if packets[need] != entries[need]:
            yield f"need {need}: {packets[need]} packets, {entries[need]} entries"


def releases(seen: Seen) -> Iterator[str]:
    """Every Packet is released once, under a consent that was live."""
    by_id = {consent.consent_id: consent for book in seen.books for consent in book.consents}
    released = seen.of("packet_released")
    for each in released:
        if not _was_live(by_id.get(each.value["consent_id"]), each.value["released_at"]):
            yield f"packet of {each.value['offer_id']} was released without a live consent"
    for offer, times in Counter(each.value["offer_id"] for each in released).items():
        if times > 1:
            yield f"the packet of {offer} was released {times} times"


def _was_live(consent: Consent | None, released_at: str) -> bool:
    if consent is None or consent.given_at is None:
        return False
    at = consent.given_at.fromisoformat(released_at)
    ends = [end for end in (consent.ended_at, consent.expires_at) if end]
    return consent.given_at <= at and all(at <= end for end in ends)


def seats(seen: Seen) -> Iterator[str]:
    """Never more places promised than there are; each place belongs to an offer."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in seen.rows["referrals referrals"]:
        for offer in row["offers"]:
            counted[offer["service_id"]][offer["seat"]] += 1
    for row in seen.rows["referrals seats"]:
        promised = row["held"] + row["taken"]
        if row["maximum"] is not None and promised > row["maximum"]:
            yield f"{row['_id']} has {row['maximum']} places and promised {promised}"
        by_offers = counted[row["_id"]]["held"], counted[row["_id"]]["taken"]
        if by_offers != (row["held"], row["taken"]):
            yield f"{row['_id']} counts {row['held']}, {row['taken']}; its offers say {by_offers}"


def sequences(seen: Seen) -> Iterator[str]:
    """The events of a subject are numbered without a gap, in the order in which they came."""
    yield from seen.twice
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in seen.told:
        numbers[each.topic, each.subject].append(each.sequence)
    for (topic, subject), found in numbers.items():
        if found != list(range(1, len(found) + 1)):
            yield f"{subject} on {topic}: numbered {found}"


def handled(seen: Seen) -> Iterator[str]:
    """Whoever has a row for an event has handled it."""
    for service, tables in TABLES.items():
        types = {row.message.TYPE for row in tables.rows}
        done = {row["_id"] for row in seen.rows[f"{service} inbox"]}
        for each in seen.told:
            if each.type in types and each.inbox_id not in done:
                yield f"{service} never handled {each.type} of {each.subject}"


def messages(seen: Seen) -> Iterator[str]:
    """One message per event, contact and template; each is told of once."""
    queued = Counter(each.value["message_id"] for each in seen.of("message_queued"))
    for name, times in queued.items():
        if times > 1:
            yield f"message {name} was queued {times} times"
    answers = Counter(
        each.value.get("offer_id")
        for each in seen.of("family_answered")
        if each.value["kind"] in TO_PARTNER
    )
    for row in seen.rows["notifications mailboxes"]:
        about = Counter(_about(each) for each in row["messages"] if each["template"] != CODE)
        for (template, to, *what), times in about.items():
            often = answers[what[-1]] if template in EACH_TIME else 1
            if times > often:
                named = ", ".join(map(str, what))
                yield f"{template} to {to} about {named} was told {times} times"


CODE: Final = "step-up-code"  # one per visit


def _about(message: dict[str, Any]) -> tuple[Any, ...]:
    names = ("template", "recipient_id", "need_id", "consent_id", "offer_id")
    return tuple(message.get(name) for name in names)


def left_over(seen: Seen) -> Iterator[str]:
    """Nothing waits to be sent, and nothing was set aside."""
    for service in TABLES:
        for row in seen.rows[f"{service} outbox"]:
            for each in row["events"]:
                subject = each["headers"].get("ce_subject", b"").decode()
                yield f"{service} still has to send {each['topic']} about {subject}"
        for each in seen.rows[f"{service} parked"]:
            yield f"{service} parked {each['topic']} {each['code']} {each['error_class']}"
