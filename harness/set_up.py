"""Makes the machine ready: a Chromium to drive, and a font for Chinese text."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
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
        _playwright_installs(environ)
        if _browser(environ) is None:
            _distribution_installs(BROWSER_PACKAGE, environ)
        if _browser(environ) is None:
            raise EnvironmentNotReady(f"Chromium is missing; type: sudo apt-get install {BROWSER_PACKAGE}")
    if not has_chinese_font(environ):
        tell("getting a font for Chinese text")
        _distribution_installs(CJK_FONT_PACKAGE, environ)
        if not has_chinese_font(environ):
            raise EnvironmentNotReady(
                f"a font for Chinese text is missing; type: sudo apt-get install {CJK_FONT_PACKAGE}"
            )
    tell(f"ready: {_browser(environ)}, Python {sys.version.split()[0]}")


def has_chinese_font(environ: Mapping[str, str]) -> bool:
    """Whether fontconfig knows a font for Traditional Chinese."""
    if (lists_fonts := shutil.which("fc-list", path=environ.get("PATH"))) is None:
        return False
    listed = subprocess.run([lists_fonts, ":lang=zh-tw", "family"], capture_output=True, text=True, check=False)  # noqa: S603
    return bool(listed.stdout.strip())


def _browser(environ: Mapping[str, str]) -> Path | None:
    cache = Path(environ.get("PLAYWRIGHT_BROWSERS_PATH", str(Path.home() / ".cache" / "ms-playwright")))
    own = next(iter(sorted(cache.glob("chromium-*/chrome-linux*/chrome"))), None)
    return find_chromium(environ, own)


def _playwright_installs(environ: Mapping[str, str]) -> None:
    """Let Playwright download its own Chromium, where it can."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 - Playwright's own installer
            command, capture_output=True, env=dict(environ), timeout=DOWNLOAD_PATIENCE_SECONDS, check=False
        )


def _distribution_installs(package: str, environ: Mapping[str, str]) -> None:
    """Install a package of the distribution, if this user may do so without being asked."""
    path = environ.get("PATH")
    apt = shutil.which("apt-get", path=path)
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if apt is None or (sudo and shutil.which("sudo", path=path) is None):
        return
    quiet = {**environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", package]):
        command = [*sudo, apt, *words]
        if subprocess.run(command, capture_output=True, env=quiet, check=False).returncode != 0:  # noqa: S603 - our words
            return
