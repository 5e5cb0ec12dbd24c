"""A small theatre for the language's tests: actors with steps of every kind, a target, and texts checked as files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import pytest

from harness.events import Lane
from harness.plan import Plan, TargetFacts, check
from harness.scenario import Problems
from harness.steps import (
    FROM_PROFILE,
    Actor,
    AuditEvent,
    CustomerRef,
    Duration,
    Label,
    Offset,
    Outputs,
    Picture,
    ProfileName,
    ScreenName,
    Secret,
    Text,
    Url,
    step,
)


class Phone(Actor):
    """One phone.

    What follows the first paragraph is for programmers.
    """

    kind: ClassVar[str] = "phone"
    noun: ClassVar[str] = "phone"
    lane: ClassVar[Lane] = Lane.PHONE

    @step("on {phone}, tap “{label}”")
    async def tap(self, label: Label) -> None:
        """Tap what bears these words."""

    @step("on {phone}, type {text} into “{into}”")
    async def type(self, *, into: Label, text: Text) -> None:
        """Type into a field of the screen that is showing."""

    @step("hold {picture} before the camera of {phone}")
    async def scan(self, picture: Picture) -> None:
        """Hold a picture before the camera."""

    @step("{phone} shows the screen {name}")
    async def screen(self, name: ScreenName) -> None:
        """Check which screen is showing."""

    @step("on {phone}, read a code with the PIN {pin}", saves=("code",))
    async def code(self, *, pin: Secret) -> Outputs:  # noqa: ARG002 - only its definition is looked at
        """Read a code of the token (M29)."""
        return {"code": "287082"}

    @step("{phone} is switched off and on again", waits=False)
    async def restart(self) -> None:
        """Take the battery out."""

    @step("set the clock of {phone} {by} off", waits=False)
    async def drift(self, by: Offset) -> None:
        """Let the phone's clock run ahead or behind."""


class Web(Actor):
    """One browser."""

    kind: ClassVar[str] = "web"
    noun: ClassVar[str] = "browser"
    lane: ClassVar[Lane] = Lane.BROWSER

    @step("{web} opens {address}")
    async def open(self, address: Url) -> None:
        """Open a page."""

    @step("{web} fills “{field}” with {with}")
    async def fill(self, *, field: Label, with_: Text) -> None:
        """Write into a field."""

    @step("{web} clicks “{label}”")
    async def click(self, label: Label) -> None:
        """Click a button."""

    @step("{web} shows {text}")
    async def sees(self, text: Text) -> None:
        """Check that the page shows a text."""


class Messages(Actor):
    """Messages."""

    @step("{to} gets the message {profile}", saves=FROM_PROFILE)
    async def expect(self, *, to: CustomerRef, profile: ProfileName) -> Outputs:  # noqa: ARG002 - likewise
        """Wait for a message."""
        return {}

    @step("{to} gets no message[ {profile}] for {for}", waits=False)
    async def none(self, *, to: CustomerRef, profile: ProfileName | None = None, for_: Duration = 1.0) -> None:
        """Check that nothing comes."""


class Mail(Messages):
    """The mails."""

    kind: ClassVar[str] = "mail"
    noun: ClassVar[str] = "mailbox"
    lane: ClassVar[Lane] = Lane.MAIL


class Sms(Messages):
    """The text messages."""

    kind: ClassVar[str] = "sms"
    noun: ClassVar[str] = "text-message inbox"
    lane: ClassVar[Lane] = Lane.SMS


class Server(Actor):
    """The back office."""

    kind: ClassVar[str] = "server"
    noun: ClassVar[str] = "server"
    lane: ClassVar[Lane] = Lane.SERVER

    @step("start a password reset for {of}", waits=False, requires="back-office")
    async def reset_password(self, of: CustomerRef) -> None:
        """Start a reset (M2)."""

    @step("the token of {of} is {is}")
    async def token(self, *, of: CustomerRef, is_: Literal["none", "pending", "active"]) -> None:
        """Check the token."""

    @step("the audit trail of {of} has {has}[ with the result {result}]")
    async def audit(
        self, *, of: CustomerRef, has: AuditEvent, result: Literal["success", "refused"] | None = None
    ) -> None:
        """Check that an event was noted (M33)."""


class Clock(Actor):
    """The clock."""

    kind: ClassVar[str] = "clock"
    noun: ClassVar[str] = "clock"
    lane: ClassVar[Lane] = Lane.CLOCK

    @step("move the clock forward by {by}", waits=False, requires="clock")
    async def advance(self, by: Duration) -> None:
        """Move the time forward."""


@dataclass(frozen=True)
class Theatre:
    """A folder with the files of one test. `check` gives the plans, `problems` what is wrong, rendered."""

    folder: Path
    registry: Mapping[str, type[Actor]]
    target: TargetFacts

    def check(
        self, files: Mapping[str, str], *, seed: str = "7f3a", environ: Mapping[str, str] | None = None
    ) -> tuple[Plan, ...]:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return check(
            [self.folder],
            registry=self.registry,
            target=self.target,
            environ={} if environ is None else environ,
            seed=seed,
            root=self.folder,
        )

    def problems(self, files: Mapping[str, str]) -> list[str]:
        with pytest.raises(Problems) as caught:
            self.check(files)
        return str(caught.value).split("\n\n")

    def plan(self, *steps: str, head: str = "") -> Plan:
        """Plan one scenario with a customer, a phone and a browser, that has these steps."""
        return self.check({"a.scenario.yaml": scenario(*steps, head=head)})[0]

    def mistakes(self, *steps: str, head: str = "") -> list[str]:
        """What is wrong with such a scenario: the place's line and column, the message and the hint of each."""
        return self.mistakes_in(scenario(*steps, head=head))

    def mistakes_in(self, text: str) -> list[str]:
        """The same for a scenario's whole text."""
        return [_short(problem) for problem in self.problems({"a.scenario.yaml": text})]


def scenario(*steps: str, head: str = "") -> str:
    """A scenario's text. Its steps begin in line 7, or below `head`."""
    needs = "needs:\n  - customer: chan\n  - phone: phone\n  - browser: web\n"
    return f"scenario: A\nid: A-1\n{needs}{head}steps:\n" + "".join(f"  - {step}\n" for step in steps)


def _short(problem: str) -> str:
    lines = problem.split("\n")
    place, message = lines[0].split(": error: ")
    hint = lines[-1].partition("= ")[2] if "= " in lines[-1] and len(lines) > 1 else ""
    return f"{':'.join(place.split(':')[1:])} {message}" + (f" | {hint}" if hint else "")


@pytest.fixture
def registry() -> Mapping[str, type[Actor]]:
    return {actor.kind: actor for actor in (Phone, Web, Mail, Sms, Server, Clock)}


@pytest.fixture
def theatre(tmp_path: Path, registry: Mapping[str, type[Actor]]) -> Theatre:
    profiles = {
        "password-reset": ("link",),
        "login-code": ("code",),
        "token-registration": ("code", "qr"),
        "activation-code": ("code",),
    }
    target = TargetFacts(
        name="reference",
        profiles=profiles,
        flow_folders=(tmp_path / "flows",),
        capabilities=frozenset({"clock", "back-office"}),
    )
    return Theatre(tmp_path, registry, target)
