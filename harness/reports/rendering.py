"""How the page of a run is put together from its record, its pictures and the templates."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.events import Verdict
from harness.reports.page import TONES, ScenarioView, page_of
from harness.reports.pictures import PictureShelf, packed
from harness.reports.record import RunRecord
from harness.reports.words import HONG_KONG, MARKS, NAMES, briefly, clock_time, lasted, printable


def rendered(
    run: RunRecord,
    folder: Path,
    *,
    written_at: float,
    zone: tzinfo = HONG_KONG,
    before: Mapping[str, Verdict] = MappingProxyType({}),
) -> str:
    """The page as text; see `HtmlReport` for what each part is. Missing pictures are named as missing."""
    shelf = PictureShelf(folder)
    page = page_of(run, shelf, written_at=written_at, zone=zone, before=before)
    templates = files("harness.reports") / "templates"
    style = (templates / "report.css").read_text("utf-8")
    script = (templates / "report.js").read_text("utf-8")
    environment = _environment(zone)
    inside: Callable[[ScenarioView], str] = getattr(environment.get_template("scenario.html.j2").module, "inside")  # noqa: B009 - a macro
    insides = {view.record.anchor: inside(view) for group in page.groups for view in group.scenarios if view.packed}
    return environment.get_template("report.html.j2").render(
        page=page,
        packed=packed({"insides": insides, "drawings": shelf.drawings_by_number()}),
        photographs=shelf.photographs,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


@cache
def _environment(zone: tzinfo) -> Environment:
    """The templates, compiled once in a process."""
    environment = Environment(
        loader=PackageLoader("harness.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters |= {
        "briefly": briefly,
        "clock": partial(clock_time, zone=zone),
        "lasted": lasted,
        "mark": MARKS.__getitem__,
        "name": NAMES.__getitem__,
        "percent": _percent,
        "tone": TONES.__getitem__,
    }
    return environment


def _visible(value: object) -> object:
    """Show control and direction-changing characters of outside texts: autoescaping leaves them as they are."""
    return printable(value) if type(value) is str else value


def _percent(share: float) -> str:
    """A share, 0 to 1, as the shortest CSS percentage that is exact to a hundredth."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"
