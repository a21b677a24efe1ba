"""A referral brought into each of its states by decisions alone."""

from typing import Any
from uuid import uuid5

from services.chassis.kernel import NAMESPACE, Context, Decision, Tick
from services.referrals.domain import answers, offering, sharing
from services.referrals.domain.answers import AcceptOffer, DeclineOffer
from services.referrals.domain.referral import ANSWER, Offer, Referral
from services.referrals.domain.sharing import ViewPacket, ViewPreview
from tests.unit.referrals.builders import (
    a_choice,
    a_context,
    a_release,
    a_withholding,
    an_opened,
    signed,
    the_partner,
)

KEY = uuid5(NAMESPACE, "key")


def offered(context: Context | None = None) -> Referral:
    context = context or a_context()
    opened = an_opened(context)
    return offering.choose(opened, a_choice(opened), context).state


def accepted(context: Context | None = None) -> Referral:
    referral = offered(context)
    return accept(referral, context).state


def released(context: Context | None = None) -> Referral:
    context = context or a_context(copy=signed())
    referral = accepted(context)
    found = sharing.keep_packet(referral, a_release(referral, live(referral).offer_id), context)
    assert found.state is not None
    return found.state


def declined(context: Context | None = None) -> Referral:
    return decline(offered(context), context).state


def expired(context: Context | None = None) -> Referral:
    return run_out(offered(context), context).state


def recalled(context: Context | None = None) -> Referral:
    context = context or a_context()
    referral = accepted(context)
    said = a_withholding(referral, live(referral).offer_id, "consent-missing")
    found = sharing.lose_place(referral, said, context).state
    assert found is not None
    return found


def live(referral: Referral) -> Offer:
    found = referral.live
    assert found is not None
    return found


def asked(referral: Referral) -> Offer:
    """The first offer that a partner was asked for."""
    return next(each for each in referral.offers if each.was_asked)


def accept(referral: Referral, context: Context | None = None, **given: Any) -> Decision[Referral]:
    return answers.accept(referral, _of(AcceptOffer, referral, given), context or a_context())


def decline(referral: Referral, context: Context | None = None, **given: Any) -> Decision[Referral]:
    wanted = _of(DeclineOffer, referral, {"code": "no-capacity", **given})
    return answers.decline(referral, wanted, context or a_context())


def view_preview(
    referral: Referral, context: Context | None = None, **given: Any
) -> Decision[Referral]:
    wanted = _of(ViewPreview, referral, given)
    return sharing.view_preview(referral, wanted, context or a_context())


def view_packet(
    referral: Referral, context: Context | None = None, **given: Any
) -> Decision[Referral]:
    wanted = _of(ViewPacket, referral, given)
    return sharing.view_packet(referral, wanted, context or a_context())


def run_out(
    referral: Referral, context: Context | None = None, *, name: str = ANSWER
) -> Decision[Referral]:
    tick = Tick(kind="referrals", subject=referral.referral_id, name=name, at=referral.clocks[name])
    return answers.ring(referral, tick, context or a_context(now=referral.clocks[name]))


def _of(kind: Any, referral: Referral, given: dict[str, Any]) -> Any:
    offer = asked(referral)
    plain = {
        "key": KEY,
        "scope": the_partner(offer.organization_id),
        "referral_id": referral.referral_id,
        "offer_id": offer.offer_id,
    }
    return kind(**{**plain, **given})
