from collections.abc import Callable, Iterator
from http import HTTPStatus

import httpx2
import pytest

from deploy.simulator.browser import UNHEARD, Browser, Door, StaffBrowser, Unanswered

LINK = "/f/abc"
Answering = Callable[[httpx2.Request], httpx2.Response]


def door(answering: Answering) -> Door:
    return Door("http://town.example", lambda: httpx2.MockTransport(answering))


def led_to(path: str) -> httpx2.Response:
    return httpx2.Response(HTTPStatus.SEE_OTHER, headers={"location": path})


def a_page() -> httpx2.Response:
    return httpx2.Response(HTTPStatus.OK, text="<html><body><h1>Here</h1></body></html>")


async def sent(*answers: httpx2.Response) -> tuple[int, int]:
    """Status and tries of a form at a link whose requests are answered so."""
    coming: Iterator[httpx2.Response] = iter(answers)
    browser = Browser(door(lambda _: next(coming)), entrances=(LINK,))
    try:
        answer = await browser.post(f"{LINK}/consent", {"answer": "agree"})
    finally:
        await browser.close()
    return answer.status, answer.tries


async def test_a_form_that_is_led_on_was_taken() -> None:
    assert await sent(led_to(f"{LINK}/page"), a_page()) == (HTTPStatus.SEE_OTHER, 1)


async def test_a_form_that_is_led_to_where_one_says_who_one_is_was_not_taken() -> None:
    assert await sent(led_to(LINK), a_page()) == (HTTPStatus.UNAUTHORIZED, 1)


async def test_nobody_knows_whether_it_was_where_it_had_to_be_asked_again() -> None:
    away = httpx2.Response(HTTPStatus.SERVICE_UNAVAILABLE)

    assert await sent(away, led_to(f"{LINK}?lang=so"), a_page()) == (UNHEARD, 2)


async def test_what_staff_send_after_their_session_was_not_taken() -> None:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        held = {"location": "/plans/sign-in/held?to=%2Fplans%2Fneeds"}
        is_held = request.url.path == "/plans/sign-in/held"
        return a_page() if is_held else httpx2.Response(307, headers=held)

    browser = StaffBrowser(door(answer), "somebody")
    try:
        sent = await browser.post("/plans/needs", {"summary": "Help"})
    finally:
        await browser.close()
    assert sent.status == HTTPStatus.UNAUTHORIZED
    assert [(each.method, each.content) for each in asked] == [("POST", b"summary=Help")] * 2


class Services:
    """Let whoever is signed in see pages; the session can end."""

    def __init__(self) -> None:
        self.is_signed_in = False
        self.takes = True

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/plans/sign-in/persona":
            self.is_signed_in = self.takes
            return led_to("/plans/") if self.takes else httpx2.Response(HTTPStatus.NOT_FOUND)
        if self.is_signed_in or request.url.path == "/plans/sign-in":
            return a_page()
        return led_to(f"/plans/sign-in?next={request.url.path}")


async def test_staff_sign_in_wherever_that_is_asked_and_go_on_to_their_page() -> None:
    services = Services()
    browser = StaffBrowser(door(services.answer), "somebody")
    try:
        for _ in range(2):
            services.is_signed_in = False

            answer = await browser.open("/plans/students")

            assert answer.page.url.endswith("/plans/students")
            assert services.is_signed_in
    finally:
        await browser.close()


async def test_staff_who_are_not_let_in_say_so() -> None:
    services = Services()
    services.takes = False
    browser = StaffBrowser(door(services.answer), "somebody")
    try:
        with pytest.raises(Unanswered, match="somebody cannot sign in: 404"):
            await browser.open("/plans/students")
    finally:
        await browser.close()
