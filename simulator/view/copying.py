"""What in a message is worth copying: registration codes, one-time codes, links."""

import re

_REGISTRATION_CODE = re.compile(r"(?<![0-9A-Z-])[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}(?![0-9A-Z-])")
"""Twenty characters in four groups, as docs/phone-api.md writes it."""

_ONE_TIME_CODE = re.compile(r"(?:碼|code)[^0-9]{0,12}?(?<![0-9])([0-9]{6})(?![0-9])", re.IGNORECASE)
"""Six digits of their own, soon after the word for code: neither an amount nor a phone number."""

_LINK = re.compile(r"https?://[^\s<>\"'（）「」，。]+")


def codes_in(text: str) -> tuple[str, ...]:
    """The codes in a message, registration codes first."""
    registration = _REGISTRATION_CODE.findall(text)
    one_time = _ONE_TIME_CODE.findall(text)
    return tuple(dict.fromkeys([*registration, *one_time]))


def links_in(text: str, html: str = "") -> tuple[str, ...]:
    """The web addresses in a message, each once: those of its text, or of its HTML when the text has none."""
    found = _LINK.findall(text) or [link.replace("&amp;", "&") for link in _LINK.findall(html)]
    return tuple(dict.fromkeys(link.rstrip(".,;:!?)") for link in found))
