"""One sentence in a terminal, for a phone that cannot be switched on."""

from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static


class TroubleApp(App[None]):
    """Says what the trouble is until it is closed.

    Args:
        trouble: A whole sentence.
    """

    CSS = """
    Screen { align: center middle; }
    Static { width: auto; max-width: 80%; border: round $error; padding: 1 2; }
    """
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, trouble: str) -> None:
        super().__init__()
        self.animation_level = "none"
        self._trouble = trouble

    def compose(self) -> ComposeResult:
        yield Static(Content(f"✘ {self._trouble}"))
