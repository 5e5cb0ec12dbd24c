"""Make the environment: `.venv` with the pinned packages, a Chromium, a Chinese font and a PostgreSQL for the tests.

Needs nothing but the standard library of Python 3.11. Whatever is missing is said in one line, with what to type.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def stop(sentence: str) -> None:
    """End with one line for the person at the terminal."""
    sys.exit(f"set-up: {sentence}")


def make_environment() -> None:
    """Create `.venv`, installing the distribution's venv module where Debian left it out."""
    if PYTHON.exists():
        return
    print("set-up: making .venv", flush=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    package = f"python3.{sys.version_info.minor}-venv"
    if not install_package(package) or subprocess.run(command, check=False).returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        stop(f"Python's venv module is missing; type: sudo apt-get install {package}")


def install_package(name: str) -> bool:
    """Install a package of the distribution if this user may do so without being asked."""
    apt = shutil.which("apt-get")
    if apt is None:
        return False
    prefix: list[str] = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and shutil.which("sudo") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", name]):
        if subprocess.run([*prefix, apt, *words], capture_output=True, env=environment, check=False).returncode != 0:
            return False
    return True


def install_packages() -> None:
    """Install Twofold and its tools, every version as pinned in constraints.txt."""
    print("set-up: installing the pinned packages (about a minute the first time)", flush=True)
    constraints = str(ROOT / "constraints.txt")
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "-c",
        constraints,
        "-e",
        f"{ROOT}[dev]",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PIP_CONSTRAINT": constraints}, check=False
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        reason = lines[-1].removeprefix("ERROR: ") if lines else "pip gave no reason"
        stop(f"the packages could not be installed ({reason}); check the network, then type make again")


def have_postgresql() -> None:
    """Install PostgreSQL, which some tests start by themselves: without it they are skipped, and say so."""
    if any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")) or shutil.which("pg_ctl"):
        return
    print("set-up: installing PostgreSQL for the tests", flush=True)
    if not install_package("postgresql"):
        print("set-up: PostgreSQL cannot be installed; its tests are skipped (sudo apt-get install postgresql)")


def main() -> None:
    """Do what is not done yet, and leave a stamp that tells make so."""
    if sys.version_info < OLDEST:
        stop("Python 3.11 or later is needed; type: make demo PYTHON=python3.11")
    make_environment()
    install_packages()
    browser = subprocess.run([str(VENV / "bin" / "twofold"), "set-up"], check=False)
    if browser.returncode != 0:
        sys.exit(browser.returncode)
    have_postgresql()
    (VENV / ".ready").write_text("set up by scripts/set_up.py\n")


if __name__ == "__main__":
    main()
