from tests.browser import browser, open_page, page, phone, pytest_terminal_summary

__all__ = ["browser", "open_page", "page", "phone", "pytest_terminal_summary"]
