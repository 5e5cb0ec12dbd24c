"""The two languages that customers read: Traditional Chinese, in which everything is written, and English.

The words in the code and in the templates are the manual's Traditional Chinese;
``locale/en/LC_MESSAGES/auth_server.po`` holds the English for each of them.
"""

from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args

Language = Literal["zh-Hant", "en"]

DEFAULT_LANGUAGE: Final[Language] = "zh-Hant"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

# Hong Kong has kept UTC+8 without summer time since 1979; a fixed offset needs no time-zone database on the machine.
HONG_KONG: Final = timezone(timedelta(hours=8), "Asia/Hong_Kong")

_CATALOGUE: Final = Path(__file__).parent / "locale" / "en" / "LC_MESSAGES" / "auth_server.po"
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def translate(text: str, language: str) -> str:
    """Give `text`, the manual's Traditional Chinese, in `language`; as it is where there is no English for it.

    Placeholders such as ``{time}`` stay in place, for the caller to fill in.
    """
    return _english().get(text, text) if language == "en" else text


def read_language(text: str | None) -> Language | None:
    """Read a language tag as a link, a cookie or the database writes it; None for any that is not one of ours."""
    return next((language for language in LANGUAGES if language == text), None)


def preferred_language(accept_language: str | None) -> Language:
    """Choose the language for an ``Accept-Language`` header (RFC 9110, 12.5.4).

    Any Chinese is answered in Traditional Chinese, any English in English; the first of them by the client's own
    weights wins, and Traditional Chinese where it asked for neither.
    """
    wishes: list[tuple[float, int, Language]] = []
    for position, item in enumerate((accept_language or "").split(",")[:16]):
        tag, _, parameter = item.partition(";")
        primary = tag.strip().split("-")[0].lower()
        weight = _weight(parameter)
        if weight > 0 and primary in {"zh", "en"}:
            wishes.append((-weight, position, "zh-Hant" if primary == "zh" else "en"))
    return min(wishes)[2] if wishes else DEFAULT_LANGUAGE


def write_clock(at: float) -> str:
    """Write the unix time `at` as the clock shows it in Hong Kong: ``16:22``."""
    return f"{datetime.fromtimestamp(at, HONG_KONG):%H:%M}"


def write_second(at: float) -> str:
    """Write the unix time `at` to the second as in Hong Kong, in figures alone: ``2026-03-05 16:22:31``."""
    return f"{datetime.fromtimestamp(at, HONG_KONG):%Y-%m-%d %H:%M:%S}"


def write_moment(at: float, language: str) -> str:
    """Write the unix time `at` as a day and a time in Hong Kong: ``2026年3月5日 16:22`` or ``5 March 2026, 16:22``."""
    moment = datetime.fromtimestamp(at, HONG_KONG)
    if language == "en":
        return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M}"
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0


@cache
def _english() -> dict[str, str]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 - not before somebody reads English

    with _CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en", abort_invalid=True)
    return {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str) and isinstance(message.string, str) and message.id and message.string
    }
