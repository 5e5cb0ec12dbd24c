"""The mailbox and the text messages of the people in a scenario: expectations on what the server sends them."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from fake_gateways.inbox import NothingCame
from fake_gateways.mail import Mail
from fake_gateways.people import Person, belongs_to
from fake_gateways.profiles import Matched, MessageProfile
from fake_gateways.sms import Text as TextMessage
from harness.actors.scene import Scene
from harness.errors import StepFailed
from harness.events import Lane
from harness.redaction import SHORTEST_SECRET, Redactor
from harness.steps import FROM_PROFILE, Actor, Customer, CustomerRef, Duration, Outputs, ProfileName, step

Message = Mail | TextMessage


class Messages(Actor):
    """What mailbox and text messages have in common."""

    holds: ClassVar[type[Message]]
    called: ClassVar[str]

    def __init__(self, scene: Scene, profiles: Mapping[str, MessageProfile]) -> None:
        self._scene = scene
        self._profiles = profiles

    @step("{actor} brings {to} the message {profile}", saves=FROM_PROFILE)
    async def expect(self, *, to: CustomerRef, profile: ProfileName) -> Outputs:
        """Wait for the one message of this profile that came after the last step that did something, and take it.

        Saves the profile's values: a code, a link, a picture. Fails when none comes, or when two match.
        """
        scene, wanted = self._scene, self._profiles[profile]
        matches = self._matching(person_of(to), wanted)
        with scene.waiting():
            try:
                await scene.inbox.wait_for(
                    matches,
                    after=scene.bookmark,
                    patience_seconds=scene.patience_seconds,
                    wanted=f"{self.called} for {self.address_of(to)} ({profile})",
                )
            except NothingCame as nothing:
                raise self._nothing_came(str(nothing), to, wanted) from None
        found = [message for message in scene.inbox.messages(after=scene.bookmark) if matches(message)]
        if len(found) > 1:
            raise StepFailed(
                f"{len(found)} messages match {profile}, and only one was expected",
                expected=f"one {profile}",
                candidates=tuple(self._line(message) for message in found),
            )
        scene.consumed.add(found[0].number)
        return self._values(found[0], wanted)

    @step("{actor} brings {to} nothing[ like {profile}][ for {for}]", waits=False)
    async def none(self, *, to: CustomerRef, profile: ProfileName | None = None, for_: Duration | None = None) -> None:
        """Check that no message came to this customer since the last step that did something, nor comes for a while.

        The while is in real seconds, whatever the world's clock says.
        """
        scene = self._scene
        wanted = None if profile is None else self._profiles[profile]
        matches = self._matching(person_of(to), wanted)
        with scene.waiting():
            try:
                came = await scene.inbox.wait_for(matches, after=scene.bookmark, patience_seconds=for_ or 0.0)
            except NothingCame:
                return
        raise StepFailed(
            f"a message came for {to} though none was expected", expected="no message", seen=self._line(came)
        )

    def address_of(self, customer: Customer) -> str:
        """Where this kind of message reaches a customer."""
        return customer.email if self.holds is Mail else customer.phone

    def _matching(self, person: Person, wanted: MessageProfile | None) -> Callable[[Message], bool]:
        def matches(message: Message) -> bool:
            return (
                isinstance(message, self.holds)
                and message.number not in self._scene.consumed
                and belongs_to(message, person)
                and (wanted is None or isinstance(wanted.match(message, origin=self._scene.origin), Matched))
            )

        return matches

    def _values(self, message: Message, wanted: MessageProfile) -> Outputs:
        matched = wanted.match(message, origin=self._scene.origin)
        assert isinstance(matched, Matched)
        register_secrets(self._scene.redactor, matched, wanted)
        return {**matched.values, **matched.pictures}

    def _nothing_came(self, sentence: str, to: CustomerRef, wanted: MessageProfile) -> StepFailed:
        scene = self._scene
        person = person_of(to)
        theirs = [m for m in scene.inbox.messages() if isinstance(m, self.holds) and belongs_to(m, person)]
        earlier = [
            m
            for m in theirs
            if m.number <= scene.bookmark and isinstance(wanted.match(m, origin=scene.origin), Matched)
        ]
        why = ""
        if [m for m in earlier if m.number not in scene.consumed]:
            why = "one came before the last step that did something; put the expectation right after what causes it"
        elif earlier:
            why = "the one that came was taken by an earlier expectation"
        return StepFailed(
            scene.redactor.redact(sentence),
            expected=f"a {wanted.name} for {to}",
            why=why,
            candidates=tuple(self._line(message) for message in theirs),
        )

    def _line(self, message: Message) -> str:
        return self._scene.redactor.redact(summary(message))


class Mailbox(Messages):
    """The mails that the server sends."""

    kind: ClassVar[str] = "mail"
    noun: ClassVar[str] = "mailbox"
    lane: ClassVar[Lane] = Lane.MAIL
    holds: ClassVar[type[Message]] = Mail
    called: ClassVar[str] = "mail"


class Texts(Messages):
    """The text messages that the server sends."""

    kind: ClassVar[str] = "sms"
    noun: ClassVar[str] = "text-message inbox"
    lane: ClassVar[Lane] = Lane.SMS
    holds: ClassVar[type[Message]] = TextMessage
    called: ClassVar[str] = "SMS"


def person_of(customer: Customer) -> Person:
    """The mailbox and number that a customer owns."""
    return Person(name=customer.name, email=customer.email, phone=customer.phone)


def register_secrets(redactor: Redactor, matched: Matched, profile: MessageProfile) -> None:
    """Make the secret values of a message known to the redactor, before anything shows them."""
    for name, value in matched.values.items():
        if name in profile.secret and len(value) >= SHORTEST_SECRET:
            redactor.register(value, "otp" if name == "code" else name)


def summary(message: Message) -> str:
    """One line that tells a message from others."""
    if isinstance(message, Mail):
        return f"#{message.number} mail “{message.subject}” to {', '.join(message.recipients)}"
    return f"#{message.number} SMS “{message.text}” to {message.recipient}"
