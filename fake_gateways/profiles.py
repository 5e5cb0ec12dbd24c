"""Message profiles: how to know a message, and where its code, link or picture stands."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal, TypeAlias, cast

from fake_gateways.mail import Mail
from fake_gateways.sms import Text
from fake_gateways.value_rules import Behind, LinkTo, PictureCalled, Rejected, ValueRule, check_pattern, link_pattern

MessageKind: TypeAlias = Literal["mail", "sms"]


@dataclass(frozen=True, slots=True)
class Matched:
    """What a message gave: values and pictures by name, and what looked like a value and was not."""

    values: Mapping[str, str] = field(repr=False)
    pictures: Mapping[str, bytes] = field(repr=False)
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a message is not of a profile, and what looked like a value and was not."""

    why: str
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageProfile:
    """One kind of message that a server sends.

    `sender` (name or address), `subject` and `text` are regular expressions; empty ones take anything. `sender` and
    `subject` must match as a whole, `text` some line as a whole. `values` says where each value stands; `secret`
    names those that nobody may see in a report.
    """

    name: str
    kind: MessageKind
    sender: str = ""
    subject: str = ""
    text: str = ""
    values: Mapping[str, ValueRule] = field(default_factory=dict[str, ValueRule])
    secret: frozenset[str] = frozenset()

    @property
    def value_names(self) -> tuple[str, ...]:
        """The names of what a matching message gives, pictures too, in the order of the profile."""
        return tuple(self.values)

    @property
    def needs_origin(self) -> bool:
        """Whether it tells a link by the server's origin."""
        return any(isinstance(rule, LinkTo) and rule.needs_origin for rule in self.values.values())

    def match(self, message: Mail | Text, *, origin: str = "") -> Matched | Mismatch:
        """Read a message by this profile. Every value must be there, and only one of each.

        `origin` is the server's (`http://localhost:8000`), for profiles with links to it; without it such a profile
        raises `ValueError`. A text that the gateway refused matches nothing: it was never sent.
        """
        stranger = self._stranger(message)
        if stranger:
            return Mismatch(stranger)
        values: dict[str, str] = {}
        pictures: dict[str, bytes] = {}
        rejected: list[Rejected] = []
        for name, rule in self.values.items():
            if isinstance(rule, PictureCalled):
                held: Mapping[str, bytes] = message.pictures if isinstance(message, Mail) else {}
                if rule.content_id not in held:
                    why = f"no {name}: no picture is called {rule.content_id}; there is {', '.join(held) or 'none'}"
                    return Mismatch(why, tuple(rejected))
                pictures[name] = held[rule.content_id]
                continue
            found = rule.find(message, origin)
            rejected.extend(found.rejected)
            if len(found.values) != 1:
                count = len(found.values)
                why = f"{count} different values for {name}" if count else f"no {name}: {rule.missing}"
                return Mismatch(why, tuple(rejected))
            values[name] = found.values[0]
        return Matched(values, pictures, tuple(dict.fromkeys(rejected)))

    def _stranger(self, message: Mail | Text) -> str:
        """Why the message is of another kind altogether; empty if it is not."""
        if message.kind != self.kind:
            return "it is a mail, not an SMS" if message.kind == "mail" else "it is an SMS, not a mail"
        if isinstance(message, Text) and message.trouble:
            return f"the gateway refused it: {message.trouble}"
        senders = (message.sender,) if isinstance(message, Text) else (message.sender.name, message.sender.address)
        if self.sender and not any(re.fullmatch(self.sender, sender) for sender in senders):
            return f"it is from {message.sender}, not from {self.sender}"
        if self.subject and isinstance(message, Mail) and not re.fullmatch(self.subject, message.subject):
            return f"its subject is “{message.subject}”, not {self.subject}"
        lines = (message.text if isinstance(message, Text) else message.readable).split("\n")
        if self.text and not any(re.fullmatch(self.text, line.strip()) for line in lines):
            return f"none of its lines is {self.text}"
        return ""


class ProfileError(Exception):
    """A message profile is not well made. The sentence names the profile, what is wrong and, if it can, the way out."""


def parse_profiles(mapping: Mapping[str, object]) -> dict[str, MessageProfile]:
    """Message profiles by name, from a plain mapping such as a YAML file gives.

    Each is `{kind: mail | sms, sender, subject, text, values, secret}`; only `kind` must be there. A value is
    `{after: words, pattern: expression}`, `{link: expression}` or `{picture: content id}`; for a message in several
    languages `after` is a list of such words. Raises `ProfileError`.
    """
    return {name: _profile(name, _mapping(profile, f"message profile {name}")) for name, profile in mapping.items()}


def _profile(name: str, given: Mapping[str, object]) -> MessageProfile:
    where = f"message profile {name}"
    _only_keys(given, ("kind", "sender", "subject", "text", "values", "secret"), where)
    kind = given.get("kind")
    if kind not in ("mail", "sms"):
        raise ProfileError(f"{where}: kind is mail or sms, not “{kind if kind is not None else 'nothing'}”")
    if kind == "sms" and "subject" in given:
        raise ProfileError(f"{where}: an SMS has no subject")
    patterns = {key: _text(given.get(key, ""), f"{where}, {key}") for key in ("sender", "subject", "text")}
    for key, pattern in patterns.items():
        _checked(pattern, f"{where}, {key}")
    values = {
        value: _rule(_mapping(rule, f"{where}, value {value}"), f"{where}, value {value}")
        for value, rule in _mapping(given.get("values", {}), f"{where}, values").items()
    }
    secret = given.get("secret", [])
    if not isinstance(secret, list):
        raise ProfileError(f"{where}, secret: a list of value names is expected")
    for one in cast("list[object]", secret):
        if one not in values:
            raise ProfileError(f"{where}, secret: there is no value {one}{_did_you_mean(str(one), values)}")
    return MessageProfile(name=name, kind=kind, values=values, secret=frozenset(cast("list[str]", secret)), **patterns)


def _rule(given: Mapping[str, object], where: str) -> ValueRule:
    _only_keys(given, ("after", "pattern", "link", "picture"), where)
    after = _alternatives(given.get("after", ()), f"{where}, after")
    texts = {key: _text(value, f"{where}, {key}") for key, value in given.items() if key != "after"}
    match after, texts:
        case (_, *_), {"pattern": pattern, **rest} if not rest and all(words.strip() for words in after):
            return Behind(after, _checked(pattern, where))
        case (), {"link": link, **rest} if not rest:
            try:
                link_pattern(link, "http://localhost")
            except re.error as error:
                raise ProfileError(f"{where}: {link} cannot be used as a regular expression: {error}") from error
            return LinkTo(link)
        case (), {"picture": content_id, **rest} if not rest:
            return PictureCalled(content_id)
        case _:
            raise ProfileError(f"{where}: give after and pattern, or link, or picture")


def _checked(pattern: str, where: str) -> str:
    try:
        check_pattern(pattern)
    except re.error as error:
        raise ProfileError(f"{where}: {pattern} cannot be used as a regular expression: {error}") from error
    return pattern


def _mapping(given: object, where: str) -> Mapping[str, object]:
    if not isinstance(given, Mapping):
        raise ProfileError(f"{where}: a mapping is expected")
    return cast("Mapping[str, object]", given)


def _text(given: object, where: str) -> str:
    if not isinstance(given, str):
        raise ProfileError(f"{where}: a text is expected")
    return given


def _alternatives(given: object, where: str) -> tuple[str, ...]:
    """One text, or each of a list of them."""
    texts = cast("Sequence[object]", given) if isinstance(given, list | tuple) else (given,)
    return tuple(_text(text, where) for text in texts)


def _only_keys(given: Mapping[str, object], known: Collection[str], where: str) -> None:
    for key in given:
        if key not in known:
            raise ProfileError(f"{where}: unknown key “{key}”{_did_you_mean(key, known)}")


def _did_you_mean(word: str, known: Collection[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"; did you mean “{close[0]}”?" if close else f" (known: {', '.join(known) or 'none'})"
