"""A build that is broken on purpose: the referral service without transactions."""

from fastapi import FastAPI

from services.chassis.process import application_of
from services.chassis.settings import read
from services.referrals import main
from tests.toy.unsafe import Unsafe


def create() -> FastAPI:
    """The application, each write of which stands at once, whatever follows."""
    made = main.process(read("referrals"))
    made.engine.database.__class__ = Unsafe  # all parts hold this one object
    return application_of(made, "broken", main.routers(made))
