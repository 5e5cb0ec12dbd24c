"""Which names a scenario or a flow knows at a point, and what they stand for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.errors import Place
from harness.parameters import CUSTOMER_ATTRIBUTES
from harness.plan.chance import RANDOM_KINDS, SECRET_KINDS
from harness.plan.texts import Fixed, Holds, Part, ResolvedText, Slot
from harness.scenario.problems import Findings, did_you_mean, listed, nearest, quoted
from harness.scenario.templates import Literal, Variable, parse_template
from harness.scenario.values import Row, Value

_SECRET_NAME: Final = re.compile(r"(?:^|_)(password|pin)(?:$|_)", re.IGNORECASE)
_NO_SECRETS: Final = frozenset({"", "none", "set"})


def secret_kind(name: str, text: str) -> str:
    """Say which kind of secret a text with this name is, or "". A name that says password or pin keeps it hidden."""
    found = _SECRET_NAME.search(name)
    return found[1].lower() if found and text not in _NO_SECRETS else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is the same for a scenario and all flows that it runs. `draw` gives a random text by kind and key."""

    findings: Findings
    environ: Mapping[str, str]
    draw: Callable[[str, str], str]
    secrets: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


class Scope:
    """The names of one scenario, or of one run of a flow.

    `later` are the names that its steps save, with the places where they do. `prefix` makes the keys of what a flow
    saves differ from those of its other runs.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        later: Mapping[str, Place],
        row: Row | None = None,
        flow: str = "",
        prefix: str = "",
    ) -> None:
        self._around = around
        self._later = later
        self._row = row
        self._flow = flow
        self._prefix = prefix
        self._names: dict[str, ResolvedText] = {}
        self._keys: dict[str, tuple[str, ...]] = {}
        self.without_password: set[str] = set()

    def define(self, name: str, text: ResolvedText) -> None:
        """Let a name stand for a text: a variable of `vars`, or a flow's input."""
        self._names[name] = text

    def define_customer(self, alias: str, *, has_password: bool) -> None:
        """Let a name stand for a customer."""
        self._names[alias] = ResolvedText((Slot((alias,), f"${alias}", holds=Holds.CUSTOMER),))
        if not has_password:
            self.without_password.add(alias)

    def save(self, name: str, place: Place, keys: tuple[str, ...] = ()) -> str:
        """Let a name stand for what a step saves from here on, and give its key in the run's variables.

        `keys` are those of a flow's output, which is kept under a name of ours. A name that stands for something else
        is a finding.
        """
        if name in self._names and name not in self._keys:
            self._around.findings.add(
                place, f'"{name}" already stands for something else here', "save it under another name"
            )
        earlier = self._keys.get(name, ())
        key = f"{self._prefix}{name}" + (f"~{len(earlier) + 1}" if earlier else "")
        self._keys[name] = (*(keys or (key,)), *earlier)
        self._names[name] = ResolvedText((Slot(self._keys[name][:1], f"${name}"),))
        return key

    def saved_keys(self, name: str) -> tuple[str, ...]:
        """The keys of a saved name, newest first; () when nothing saved it."""
        return self._keys.get(name, ())

    def loosen(self) -> None:
        """From here on it is uncertain which steps have run: a saved name stands for the newest value that there is."""
        for name, keys in self._keys.items():
            self._names[name] = ResolvedText((Slot(keys, f"${name}"),))

    def resolve(self, value: Value, key: str = "") -> ResolvedText | None:
        """Resolve the variables of a text. What cannot be is a finding, and then the result is None.

        `key` tells the draws of a `$random.…` apart: each variable of `vars` has its own.
        """
        before = len(self._around.findings.problems)
        parts = list[Part]()
        for piece in parse_template(value, self._around.findings):
            match piece:
                case Literal(text):
                    parts.append(Fixed(text))
                case Variable():
                    parts += self._resolved(piece, key)
        return ResolvedText(tuple(parts)) if len(self._around.findings.problems) == before else None

    def _resolved(self, variable: Variable, key: str) -> tuple[Part, ...]:
        match variable.name:
            case "env":
                return self._from_environment(variable)
            case "random":
                return self._drawn(variable, key)
            case "row":
                return self._from_row(variable)
            case _:
                return self._named(variable)

    def _named(self, variable: Variable) -> tuple[Part, ...]:
        text = self._names.get(variable.name)
        if text is None:
            self._unknown(variable)
            return ()
        if not variable.attribute:
            return text.parts
        slot = text.slot
        if slot is None or slot.holds is Holds.SAVED or slot.attribute:
            self._refuse(
                variable,
                f'"${variable.name}" is a text and has no "{variable.attribute}"',
                f'for a text that goes on after it write "${{{variable.name}}}.{variable.attribute}"',
            )
            return ()
        if variable.attribute not in CUSTOMER_ATTRIBUTES:
            hint = did_you_mean(variable.attribute, CUSTOMER_ATTRIBUTES, whole="it has", prefix=f"${variable.name}.")
            self._refuse(variable, f'a customer has no "{variable.attribute}"', hint)
            return ()
        if variable.attribute == "password" and slot.keys[0] in self.without_password:
            self._refuse(variable, f'"{slot.keys[0]}" has no password', 'it was created with "password: none"')
            return ()
        return (Slot(slot.keys, f"{slot.shown}.{variable.attribute}", variable.attribute, slot.holds),)

    def _from_environment(self, variable: Variable) -> tuple[Part, ...]:
        name = variable.attribute
        if not name:
            self._refuse(variable, '"$env" alone is nothing', "write $env.NAME")
            return ()
        if name not in self._around.environ:
            near = nearest(name, self._around.environ)
            hint = f'did you mean "$env.{near}"?' if near else f"set it before the run: {name}=… twofold run …"
            self._refuse(variable, f"the environment has no {quoted(name)}", hint)
            return ()
        return self._fixed(name, self._around.environ[name], None)

    def _drawn(self, variable: Variable, key: str) -> tuple[Part, ...]:
        kind = variable.attribute
        if kind not in RANDOM_KINDS:
            hint = did_you_mean(kind, RANDOM_KINDS, whole="it knows", prefix="$random.")
            self._refuse(variable, f"{quoted(kind)} cannot be drawn by chance", hint)
            return ()
        text = self._around.draw(kind, key)
        if kind in SECRET_KINDS:
            self._around.secrets.append((SECRET_KINDS[kind], text))
        return (Fixed(text, secret=kind in SECRET_KINDS),)

    def _from_row(self, variable: Variable) -> tuple[Part, ...]:
        column = variable.attribute
        if self._flow:
            self._refuse(variable, "a flow does not see the row", f'make it an input of "{self._flow}"')
        elif self._row is None:
            self._refuse(variable, "this scenario has no examples", "write the rows under examples:")
        elif column not in self._row.values:
            columns = [*self._row.values]
            hint = did_you_mean(column, columns, whole="it has", prefix="$row.")
            self._refuse(variable, f"a row has no {quoted(column)}" if column else '"$row" alone is nothing', hint)
        else:
            value = self._row.values[column]
            return self._fixed(column, value.text, value.place)
        return ()

    def _fixed(self, name: str, text: str, origin: Place | None) -> tuple[Part, ...]:
        if kind := secret_kind(name, text):
            self._around.secrets.append((kind, text))
        return (Fixed(text, secret=bool(kind), origin=origin),)

    def _unknown(self, variable: Variable) -> None:
        name = variable.name
        if name in self._later:
            self._refuse(
                variable,
                f'"${name}" is used before it is saved',
                f"line {self._later[name].line} saves it; move this below",
            )
            return
        near = nearest(name, [*self._names, *self._later])
        if self._flow:
            known = listed(self._names, 6) or "no inputs"
            hint = (
                f'did you mean "${near}"?' if near else f"a flow knows only its own inputs and what it saves: {known}"
            )
        else:
            hint = f'did you mean "${near}"?' if near else "save it in a step before this one, or write it under vars:"
        self._refuse(variable, f'there is no variable "${name}"', hint)

    def _refuse(self, variable: Variable, message: str, hint: str) -> None:
        self._around.findings.add(variable.place, message, hint)
