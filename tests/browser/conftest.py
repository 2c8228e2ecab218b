"""Journeys in a real browser against the whole platform. `pytest tests/browser -m browser -n0` runs them."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import Office
from tests.browser.running import Platform

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--lang=zh-CN",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's own browser: nothing is downloaded."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("no chromium is installed: apt-get install chromium fonts-noto-cjk", pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def platform(chromium: str) -> Iterator[Platform]:
    running = Platform()
    try:
        running.start()
        yield running
    finally:
        running.remove()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, platform: Platform) -> Office:
    return Office(browser, platform.url)


@pytest.fixture
def office(signed_in: Office) -> Iterator[Office]:
    """Windows are closed after each test; who signed in stays known."""
    yield signed_in
    signed_in.close()
