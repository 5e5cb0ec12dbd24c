"""Names that people in Hong Kong bear: in Chinese, and in the spelling of their identity cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

FAMILY_NAMES: Final[Sequence[tuple[str, str]]] = (
    ("陳", "Chan"),
    ("黃", "Wong"),
    ("李", "Lee"),
    ("梁", "Leung"),
    ("林", "Lam"),
    ("張", "Cheung"),
    ("吳", "Ng"),
    ("劉", "Lau"),
    ("王", "Wong"),
    ("楊", "Yeung"),
    ("鄭", "Cheng"),
    ("何", "Ho"),
    ("葉", "Yip"),
    ("鄧", "Tang"),
    ("周", "Chow"),
    ("歐陽", "Au Yeung"),
)
GIVEN_NAMES: Final[Sequence[tuple[str, str]]] = (
    ("大文", "Tai Man"),
    ("志明", "Chi Ming"),
    ("美玲", "Mei Ling"),
    ("家輝", "Ka Fai"),
    ("詠琪", "Wing Ki"),
    ("俊傑", "Chun Kit"),
    ("嘉欣", "Ka Yan"),
    ("偉強", "Wai Keung"),
    ("淑芬", "Suk Fan"),
    ("子軒", "Tsz Hin"),
    ("曉彤", "Hiu Tung"),
    ("國榮", "Kwok Wing"),
    ("麗珍", "Lai Chun"),
    ("浩然", "Ho Yin"),
    ("思穎", "Sze Wing"),
    ("文", "Man"),
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """One name in both of its forms, such as `陳大文` and `Chan Tai Man`."""

    chinese: str
    english: str


def draw_name(chance: Random) -> PersonName:
    """Draw a name; the same chance draws the same one."""
    family, family_spelt = chance.choice(FAMILY_NAMES)
    given, given_spelt = chance.choice(GIVEN_NAMES)
    return PersonName(family + given, f"{family_spelt} {given_spelt}")
