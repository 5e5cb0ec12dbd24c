"""What the desk shows: the inbox, each message with what the server's profiles find in it."""

from collections.abc import Iterable

from fake_gateways.desk_shapes import Doors, MessageShown, shown
from fake_gateways.inbox import Inbox, Message
from fake_gateways.profiles import Matched, MessageProfile


class Desk:
    """An inbox to look into, and the profiles by which its messages are explained."""

    def __init__(self, inbox: Inbox, doors: Doors, *, names: Iterable[str] = ()) -> None:
        self.inbox = inbox
        self.doors = doors
        self.names = frozenset(names)
        self._profiles: tuple[MessageProfile, ...] = ()
        self._origin = ""
        self._matches: dict[int, dict[str, Matched]] = {}

    def explain_by(self, profiles: Iterable[MessageProfile], *, origin: str) -> None:
        """Read messages by these profiles from now on, with the server's `origin`; `ValueError` if one lacks it."""
        self._profiles, self._origin = tuple(profiles), origin
        self._matches.clear()
        nameless = [profile.name for profile in self._profiles if profile.needs_origin and not origin]
        if nameless:
            raise ValueError(f"the profiles {', '.join(nameless)} need the server's origin")

    def matches(self, message: Message) -> dict[str, Matched]:
        """What a message gives by each profile that it matches."""
        if message.number not in self._matches:
            read = {profile.name: profile.match(message, origin=self._origin) for profile in self._profiles}
            self._matches[message.number] = {name: match for name, match in read.items() if isinstance(match, Matched)}
        return self._matches[message.number]

    def show(self, message: Message) -> MessageShown:
        """A message as JSON has it."""
        return shown(message, self.inbox.notes(message.number), self.matches(message))
