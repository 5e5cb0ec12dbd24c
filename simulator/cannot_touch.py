"""What hands say when the phone does not let itself be touched as wanted."""


class CannotTouch(Exception):
    """The phone does not show what was wanted, or does not let it be touched.

    `nearest` are the labels or texts on the screen that come closest, so that a misspelt one is seen at once. Neither
    they nor the message hold anything that was typed, mailed or computed.
    """

    def __init__(self, message: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(f"{message}; nearest: {', '.join(f'“{label}”' for label in nearest)}" if nearest else message)
        self.nearest = nearest
