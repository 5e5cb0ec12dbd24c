"""The phone's words in its two languages. The manual's Traditional Chinese is the source; English is a catalogue."""

from functools import cache
from pathlib import Path

_CATALOGUE = Path(__file__).parent / "locale" / "en" / "LC_MESSAGES" / "simulator.po"


def translate(text: str, language: str) -> str:
    """The words `text` (Traditional Chinese) in `language`: `zh-Hant` or `en`.

    A text with places to fill in, such as `{account}`, is translated first and filled in after (`str.format`). What the
    catalogue does not have stays as it is; a test holds every text of this package against the catalogue.
    """
    return text if language == "zh-Hant" else _english().get(text, text)


@cache
def _english() -> dict[str, str]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 - costs a Chinese phone nothing

    with _CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en", charset="utf-8", abort_invalid=True)
    words: dict[str, str] = {}
    for message in catalogue:
        if isinstance(message.id, str) and isinstance(message.string, str) and message.id and message.string:
            words[message.id] = message.string
    return words
