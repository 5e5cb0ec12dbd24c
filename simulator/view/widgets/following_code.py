"""The code that comes next, small, for those who type slowly."""

from typing import ClassVar

from simulator.view.widgets.words import Words


class FollowingCode(Words):
    """A word and the six to eight digits of the next code, in groups of three."""

    IS_PRIVATE: ClassVar[bool] = True
    IS_DRAWN_SECRET: ClassVar[bool] = True

    def show(self, word: str, digits: str) -> None:
        """Show `digits`; nothing when they are empty."""
        grouped = " ".join(digits[start : start + 3] for start in range(0, len(digits), 3))
        self.say(f"{word} {grouped}" if digits else "")
