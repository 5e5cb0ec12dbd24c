"""What an eye can read off the phone."""

from typing import ClassVar

from simulator.view.widgets.still import Still


class Readable:
    """What a widget with words on it tells hands. It is mixed into widgets."""

    IS_PRIVATE: ClassVar[bool] = False
    """Whether the words may be a secret, or hold one: they never go into an error's text."""

    IS_DRAWN_SECRET: ClassVar[bool] = False
    """Whether it shows a secret by its shape rather than by letters: pictures that are kept leave it out."""

    @property
    def said(self) -> tuple[str, ...]:
        """The words as a person would read them, top to bottom; a hidden secret reads as its bullets."""
        raise NotImplementedError


class Leaf(Still, Readable):
    """A widget with words on it and nothing inside: the others only hold such together."""
