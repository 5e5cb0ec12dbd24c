"""What a scenario may say about those whom it needs, and which of them act."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.parameters import CUSTOMER, LABEL, TEXT, ParameterKind, Takes, choice
from harness.plan.arguments import Checker
from harness.plan.scope import Scope
from harness.plan.values import PlannedNeed
from harness.scenario.problems import did_you_mean, quoted
from harness.scenario.values import Need


@dataclass(frozen=True, slots=True)
class NeedKind:
    """A kind of need: its options, and the kind of actor that it becomes ("" for none: a customer is a variable)."""

    options: Mapping[str, ParameterKind]
    actor: str = ""


_LANGUAGE: Final = choice("zh-Hant", "en")

NEEDS: Final[Mapping[str, NeedKind]] = {
    "customer": NeedKind(
        {"password": TEXT, "token": choice("none", "active"), "pin": TEXT, "language": _LANGUAGE, "on": LABEL}
    ),
    "phone": NeedKind({"of": CUSTOMER, "biometrics": choice("none"), "language": _LANGUAGE}, actor="phone"),
    "browser": NeedKind({}, actor="web"),
}
"""The needs that a world can meet."""


def plan_need(need: Need, scope: Scope, checker: Checker) -> PlannedNeed:
    """Check a need's options and resolve them."""
    known = NEEDS[need.kind].options
    options = dict[str, str]()
    for name, value in need.options.items():
        if name not in known:
            hint = did_you_mean(name, ["as", *known], whole="it has")
            checker.findings.add(need.option_places[name], f"a {need.kind} has no {quoted(name)}", hint)
            continue
        text = checker.text(value, known[name], scope)
        if text is None:
            continue
        if known[name].takes is Takes.CUSTOMER and text.slot is not None:
            options[name] = text.slot.keys[0]
        elif text.fixed is None:
            checker.findings.add(value.place, f"{quoted(value.text)} is not known before the run", "write it as it is")
        else:
            options[name] = text.fixed
    return PlannedNeed(need.kind, need.alias, options, need.place)


def check_tokens(needs: tuple[PlannedNeed, ...], checker: Checker) -> None:
    """See to it that an active token has a phone to live on."""
    phones = [need.alias for need in needs if need.kind == "phone"]
    for need in needs:
        if need.options.get("token") == "active" and not phones:
            hint = "add - phone: phone to its needs"
            checker.findings.add(need.place, "an active token needs a phone to live on, and there is none", hint)
        if (on := need.options.get("on")) is not None and on not in phones:
            hint = did_you_mean(on, phones) or "name a phone of these needs"
            checker.findings.add(need.place, f"there is no phone {quoted(on)} for its token", hint)
