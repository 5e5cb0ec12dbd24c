"""Makes the machine ready: a Chromium to drive, and a font for Chinese text."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.browsers import find_chromium
from harness.errors import EnvironmentNotReady

CJK_FONT_PACKAGE = "fonts-noto-cjk"
BROWSER_PACKAGE = "chromium"
DOWNLOAD_PATIENCE_SECONDS = 600
Tell = Callable[[str], None]


def set_up(environ: Mapping[str, str], tell: Tell) -> None:
    """Install what is missing, telling each step. Raises EnvironmentNotReady with what to type when it cannot."""
    if _browser(environ) is None:
        tell("getting Chromium")
        if not _playwright_installs(environ) and not _distribution_installs(BROWSER_PACKAGE, environ):
            raise EnvironmentNotReady(f"Chromium is missing; type: sudo apt-get install {BROWSER_PACKAGE}")
    if not has_chinese_font():
        tell("getting a font for Chinese text")
        if not _distribution_installs(CJK_FONT_PACKAGE, environ):
            raise EnvironmentNotReady(
                f"a font for Chinese text is missing; type: sudo apt-get install {CJK_FONT_PACKAGE}"
            )
    tell(f"ready: {_browser(environ)}, Python {sys.version.split()[0]}")


def has_chinese_font() -> bool:
    """Whether fontconfig knows a font for Traditional Chinese."""
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-tw", "family"], capture_output=True, text=True, check=False)  # noqa: S607
    return bool(listed.stdout.strip())


def _browser(environ: Mapping[str, str]) -> Path | None:
    cache = Path(environ.get("PLAYWRIGHT_BROWSERS_PATH", str(Path.home() / ".cache" / "ms-playwright")))
    own = next(iter(sorted(cache.glob("chromium-*/chrome-linux*/chrome"))), None)
    return find_chromium(environ, own)


def _playwright_installs(environ: Mapping[str, str]) -> bool:
    """Let Playwright download its own Chromium; False where it cannot."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(  # noqa: S603 - Playwright's own installer
            command, capture_output=True, env=dict(environ), timeout=DOWNLOAD_PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _distribution_installs(package: str, environ: Mapping[str, str]) -> bool:
    """Install a package of the distribution if this user may do so without being asked."""
    apt = shutil.which("apt-get")
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if apt is None or (sudo and shutil.which("sudo") is None):
        return False
    quiet = {**environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", package]):
        command = [*sudo, apt, *words]
        if subprocess.run(command, capture_output=True, env=quiet, check=False).returncode != 0:  # noqa: S603 - our words
            return False
    return True
