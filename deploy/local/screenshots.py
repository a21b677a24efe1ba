"""Takes the README's pictures from a running demo: `make demo FRESH=1`, and beside it this.

The story is played over HTTP, as `make demo CHECK=1` does; a real browser only takes the pictures.
"""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.local import paths
from deploy.local.demo import PORT
from deploy.local.failure import Failure, said_in_one_sentence
from deploy.local.story.browser import Missing
from deploy.local.story.browser import Page as Read
from deploy.local.story.people import PIN, CaseManager, Coordinator, Parent, until
from deploy.local.town.town import Town, town

FOLDER: Final = paths.ROOT / "docs" / "screenshots"
DESK: Final = (1280, 800)
PHONE: Final = (390, 844)
MANAGER: Final = "Nora Harborlight"
SUPERVISOR: Final = "Judith Captainsgate"
OFFICER: Final = "Oscar Lockwater"
ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


class Camera:
    """A browser that shows a page to one person and keeps the picture."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address

    @contextmanager
    def page(self, size: tuple[int, int], locale: str = "en-US") -> Iterator[Page]:
        """A window of somebody's own."""
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            base_url=self._address,
            locale=locale,
            reduced_motion="reduce",
        )
        yield context.new_page()
        context.close()

    def staff(self, name: str, path: str, file: str) -> None:
        """A page as one of the demo's people sees it."""
        with self.page(DESK) as page:
            page.goto("/")
            for more in page.locator("main summary").all():
                more.click()
            page.get_by_role("button", name=name).first.click()
            page.goto(path)
            keep(page, file)

    def family(self, path: str, file: str) -> None:
        """A page behind a link, on a phone; the PIN was set before."""
        with self.page(PHONE, "ht") as page:
            page.goto(path)
            page.locator("main .acts a").click()
            page.locator("#pin").fill(PIN)
            page.locator("main form .button").click()
            page.wait_for_load_state()
            keep(page, file, is_whole=True)


def keep(page: Page, file: str, *, is_whole: bool = False) -> None:
    """Write a picture, small enough for a README."""
    page.screenshot(path=FOLDER / f"{file}.png", full_page=is_whole, scale="css")
    print(FOLDER / f"{file}.png", flush=True)


def take(camera: Camera, address: str, made: Town) -> None:
    """Play the story, and stop where somebody should look."""
    manager, parent = CaseManager(address), Parent(address)
    manager.sign_in(MANAGER)
    student, need = written(manager, made, 0, "Wants help with homework twice a week")
    camera.staff(MANAGER, student.url, "case-manager-student")
    written(manager, made, 2, "Needs a place to go until six")

    desk = Coordinator(address)
    rank, partner = desk.first_known(_partners(student, need))
    manager.send(student, need, rank=rank)
    manager.see(student, need, "Asked")
    desk.sign_in(partner)
    reference = next(word for word in _words(student, need) if word.startswith("R-"))
    offer = desk.offer(reference)
    camera.staff(partner, offer.url, "partner-offer")
    landing = parent.message("consent-needed", "ht")
    consent = parent.step_up(landing)
    camera.family(landing.url, "family-consent")

    first_day = (datetime.now(UTC).date() + timedelta(days=10)).isoformat()
    desk.browser.send(offer, offer.form("starts_on", action="/accept"), starts_on=first_day)
    until(
        lambda: manager.browser.open("/plans/"),
        lambda page: "Signature missing" in page.text,
        "the missing signature",
    )
    camera.staff(MANAGER, "/plans/", "case-manager-today")
    form = consent.form("signed")
    parent.browser.send(consent, form, press=("answer", "agree"), signed="Bernadèt Fanaldoux")
    camera.family(parent.message("accepted", "ht").url, "family-confirmation")
    camera.staff(SUPERVISOR, "/plans/", "supervisor-today")
    camera.staff(OFFICER, manager.browser.open(student.url).link("/ledger"), "officer-ledger")


def written(manager: CaseManager, made: Town, story: int, summary: str) -> tuple[Read, str]:
    """A need of one of the town's stories, ranked; gives the page and the need's section."""
    told = made.stories[story]
    child = next(each for each in made.roster.students if each.source_id == told.student_source_id)
    student = manager.student(child.surname[:4], child.first_name)
    _, need = manager.write_need(student, category=told.category, summary=summary)
    return manager.see(student, need, "Choose a partner"), need


def _partners(page: Read, need: str) -> list[str]:
    titles = page.tree.xpath("//section[@id=$need]//li//h3/bdi", need=need)
    return [title.text_content().rpartition(" · ")[2].strip() for title in titles]


def _words(page: Read, need: str) -> list[str]:
    found: list[str] = page.tree.xpath("string(//section[@id=$need])", need=need).split()
    return found


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(prog="screenshots", description="Pictures of a running demo.")
    usual = f"http://127.0.0.1:{PORT}"
    parser.add_argument("address", nargs="?", default=usual, help=f"of the demo, else {usual}")
    address = parser.parse_args().address
    program = shutil.which("chromium")
    if program is None:
        raise Failure("Chromium is missing: run `make chromium`.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            take(Camera(browser, address), address, town(datetime.now(UTC).date()))
        except (Missing, OSError) as error:
            raise Failure(f"{error}: start the demo with `make demo FRESH=1` first.") from error
        finally:
            browser.close()


if __name__ == "__main__":
    with said_in_one_sentence():
        main()
