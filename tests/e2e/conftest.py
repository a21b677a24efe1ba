from tests.browser import browser, open_page, page, phone, pytest_terminal_summary
from tests.e2e.demo_town import demo

__all__ = ["browser", "demo", "open_page", "page", "phone", "pytest_terminal_summary"]
