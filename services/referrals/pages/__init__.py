"""The coordinator's pages: referrals to answer, accepted ones, the Packet, our places."""

from services.referrals.pages.desk import Desk
from services.referrals.pages.routes import routes

__all__ = ["Desk", "routes"]
