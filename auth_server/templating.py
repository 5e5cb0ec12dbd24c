"""Templates of pages and mails: one Jinja environment, everything escaped that goes into HTML."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from auth_server.languages import DEFAULT_LANGUAGE, translate, write_clock, write_moment

_TEMPLATES: Final = Path(__file__).parent / "templates"


def render(template: str, language: str, values: Mapping[str, object]) -> str:
    """Fill in `template` (a path below ``templates/``) in `language`.

    In templates ``_("…{name}…", name=value)`` translates, ``moment(at)`` and ``clock(at)`` write a time in Hong Kong;
    the ``.html`` ones escape every value.
    """
    return _environment().get_template(template, globals=_FUNCTIONS).render(**values, language=language)


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


_FUNCTIONS: Final = {"_": _translated, "moment": _moment, "clock": write_clock}
