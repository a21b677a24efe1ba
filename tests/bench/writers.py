"""Who writes needs: every student with a case manager of its school who is signed in."""

import http.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pymongo import MongoClient

from deploy.local.ports import LOOPBACK
from services.chassis.accounts import Role
from tests.bench.load import Writer


class Unwelcome(Exception):
    """A page was not answered as it should be."""


def writers(mongo_url: str, port: int) -> list[Writer]:
    """In the order of the students' ids, as `seeding` lets families sign."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        students = list(
            client["plans"]["students"].find({"is_known": True}, {"school_id": 1}).sort("_id", 1)
        )
        managers = _managers(client)
    cookies = {each: signed_in(port, each) for each in sorted(set(managers.values()))}
    return [
        Writer(student_id=each["_id"], cookie=cookies[managers[each["school_id"]]])
        for each in students
        if each["school_id"] in managers
    ]


def _managers(client: MongoClient[dict[str, Any]]) -> Mapping[str, str]:
    """One case manager of each school, by the school."""
    accounts = client["platform"]["accounts"].find({"role": Role.CASE_MANAGER.value})
    return {
        school: each["_id"]
        for each in sorted(accounts, key=lambda each: str(each["_id"]))
        for school in each["school_ids"]
    }


def signed_in(port: int, user_id: str) -> str:
    """The cookie of a persona who has signed in."""
    connection = http.client.HTTPConnection(LOOPBACK, port)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    body = urlencode({"user_id": user_id})
    connection.request("POST", "/plans/sign-in/persona", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
    if answer.status != http.client.SEE_OTHER or not cookie:
        raise Unwelcome(f"{user_id} cannot sign in: {answer.status}")
    return cookie
