"""The Jinja environment of all templates: everything is escaped that goes into HTML, and nothing may be missing."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context, select_autoescape
from jinja2.runtime import Context

from auth_server.languages import DEFAULT_LANGUAGE, translate, write_clock, write_moment, write_second

_TEMPLATES: Final = Path(__file__).parent / "templates"


def template(name: str) -> Template:
    """Give the template at `name`, a path below ``templates/``."""
    return _environment().get_template(name, globals=_FUNCTIONS)


@pass_context
def _translated(context: Context, text: str, **values: object) -> str:
    return translate(text, str(context.get("language", DEFAULT_LANGUAGE))).format(**values)


@pass_context
def _moment(context: Context, at: float) -> str:
    return write_moment(at, str(context.get("language", DEFAULT_LANGUAGE)))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html", "xml"), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


_FUNCTIONS: Final = {"_": _translated, "moment": _moment, "clock": write_clock, "second": write_second}
