"""The reference page of all steps."""

from collections.abc import Mapping

from harness.reference import how_to_write, step_reference
from harness.steps import Actor, steps_of


def test_each_step_shows_how_it_is_written(registry: Mapping[str, type[Actor]]) -> None:
    shown = {step.name: how_to_write(step) for actor in registry.values() for step in steps_of(actor).values()}
    assert shown["phone.tap"] == "phone.tap: LABEL"
    assert shown["phone.restart"] == "phone.restart:"
    assert shown["web.fill"] == "web.fill: {field: LABEL, with: TEXT}"
    assert shown["phone.code"] == "phone.code: {pin: SECRET-TEXT[, save: {code: NAME}]}"
    assert shown["mail.expect"] == "mail.expect: {to: CUSTOMER, profile: MESSAGE-PROFILE[, save: {VALUE: NAME}]}"
    assert shown["mail.none"] == "mail.none: {to: CUSTOMER[, profile: MESSAGE-PROFILE][, for: DURATION]}"
    assert shown["server.audit"] == "server.audit: {of: CUSTOMER, has: AUDIT-EVENT[, result: success|refused]}"


def test_the_page_for_the_terminal_tells_of_every_step_what_there_is_to_know(
    registry: Mapping[str, type[Actor]],
) -> None:
    page = step_reference({"sms": registry["sms"], "phone": registry["phone"]})
    assert page.endswith("\n")
    assert max(map(len, page.splitlines())) <= 100
    assert "sms: The text messages.\n" in page
    assert "phone: One phone.\n" in page, "only the first paragraph is for the page"
    assert (
        "  sms.none: {to: CUSTOMER[, profile: MESSAGE-PROFILE][, for: DURATION]}\n"
        "      Check that nothing comes.\n"
        "        to       customer: one from needs, such as $chan\n"
        "        profile  message profile: one that the target knows; may be left out\n"
        "        for      duration: such as 500ms, 90s, 2m, 7h59m59s or 1d; may be left out, then 1s\n"
        "        within   does not wait\n"
        "        report   {to} gets no message[ {profile}] for {for}\n"
    ) in page


def test_the_page_in_markdown_has_a_heading_and_a_table_for_every_step(registry: Mapping[str, type[Actor]]) -> None:
    page = step_reference(registry, markdown=True)
    steps = [step for actor in registry.values() for step in steps_of(actor).values()]
    assert page.startswith("# Steps\n")
    assert page.count("\n### `") == page.count("\n| --- | --- |\n") == len(steps)
    assert "\n### `clock.advance`\n\n```text\n- clock.advance: DURATION\n```\n\nMove the time forward.\n" in page
    assert "\n| `target` | must be able to do this: clock |\n" in page
