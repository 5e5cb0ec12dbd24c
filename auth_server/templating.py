"""Fills in the templates of pages and mails."""

from collections.abc import Mapping


def render(template: str, language: str, values: Mapping[str, object]) -> str:
    """Fill in `template` (a path below ``templates/``) in `language`.

    In templates ``_("…{name}…", name=value)`` translates, ``moment(at)``, ``clock(at)`` and ``second(at)`` write a time
    in Hong Kong; the ``.html`` ones escape every value.
    """
    from auth_server import template_environment  # noqa: PLC0415 - Jinja is loaded with the first page or mail

    return template_environment.template(template).render(**values, language=language)
