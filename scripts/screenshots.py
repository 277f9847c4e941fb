"""Draw the pictures of the README again, from a platform that runs: `scripts/screenshots.py http://127.0.0.1:8000`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main(platform: str) -> int:
    """Write docs/pictures/catalogue.png; 1 where there is no browser."""
    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        print("No browser on PATH; `make setup-dev` installs one.", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en")
        page.goto(f"{platform.rstrip('/')}/en/projects")
        page.screenshot(path=PICTURES / "catalogue.png")
        browser.close()
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: screenshots.py ADDRESS-OF-A-RUNNING-PLATFORM")
    sys.exit(main(sys.argv[1]))
