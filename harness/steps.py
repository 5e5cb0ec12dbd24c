"""What an actor can do. A step is one decorated method; its checks, sentence and reference page are read off it.

```python
class Phone(Actor):
    kind = "phone"
    noun = "phone"
    lane = Lane.PHONE

    @step("on {phone}, type {text} into “{into}”")
    async def type(self, *, into: Label, text: Text) -> None:
        '''Type into a field of the screen that is showing.'''
```

In a scenario this is `phone.type: {into: 用戶名稱, text: $chan.account}`. Names follow one rule: underscores become
hyphens, and an underscore at the end (`with_`, `is_`, `for_`: words that Python keeps for itself) is dropped. A
parameter before the `*` is the one that a bare value fills (`phone.tap: 啟用`). One with a default may be left out.

A step that saves returns a mapping with a value for each of its outputs; other steps return None.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from types import FunctionType, NoneType, UnionType
from typing import Annotated, ClassVar, Final, Literal, TypeVar, Union, cast, get_args, get_origin

from harness.events import Lane
from harness.parameters import (
    AuditEvent,
    Count,
    Customer,
    CustomerRef,
    Duration,
    Label,
    Offset,
    ParameterKind,
    Picture,
    ProfileName,
    ScreenName,
    Secret,
    Text,
    Url,
    YesOrNo,
    choice,
)
from harness.sentences import Sentence, read_sentence

__all__ = [
    "FROM_PROFILE",
    "Actor",
    "ActorKind",
    "AuditEvent",
    "Count",
    "Customer",
    "CustomerRef",
    "Duration",
    "FromProfile",
    "Label",
    "Offset",
    "Outputs",
    "Parameter",
    "Picture",
    "ProfileName",
    "ScreenName",
    "Secret",
    "StepDefinition",
    "Text",
    "Url",
    "YesOrNo",
    "step",
    "steps_of",
]

ActorKind = str
"""`phone`, `web`, `mail`, `sms`, `server`, `clock`, or an actor of somebody else's."""

Outputs = Mapping[str, str | bytes]
"""What a step saved: a text, or a picture's bytes, by the name of the output."""

RESERVED = frozenset({"save", "within"})
_MARK: Final = "__twofold_step__"


class FromProfile(Enum):
    """A step's outputs are the values of the message profile that its `profile` argument names."""

    FROM_PROFILE = "the values of the message profile"


FROM_PROFILE: Final = FromProfile.FROM_PROFILE

Saves = tuple[str, ...] | Literal[FromProfile.FROM_PROFILE]
StepFunction = Callable[..., Awaitable[Outputs | None]]
F = TypeVar("F", bound=StepFunction)


class Actor:
    """Somebody or something that acts in a scenario.

    `kind` tells which steps it has (a phone named `old` in `needs` is still a `phone`), `noun` is what an error message
    calls it, and `lane` the line of the report that its steps stand on.
    """

    kind: ClassVar[ActorKind]
    lane: ClassVar[Lane]
    noun: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `name` as in a scenario, `argument` as in Python. A bare value fills the `positional` one."""

    name: str
    argument: str
    kind: ParameterKind
    required: bool
    default: object
    positional: bool


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """All that is known about a step.

    `waits` says whether `within:` may be written, `requires` which capability the target must have ("" for none).
    """

    actor_kind: ActorKind
    verb: str
    sentence: Sentence
    doc: str
    parameters: tuple[Parameter, ...]
    saves: Saves
    waits: bool
    requires: str
    function: StepFunction

    @property
    def name(self) -> str:
        """The name as in a scenario: `phone.tap`."""
        return f"{self.actor_kind}.{self.verb}"

    @property
    def positional(self) -> Parameter | None:
        """The parameter that a bare value fills."""
        return next((parameter for parameter in self.parameters if parameter.positional), None)


def step(
    sentence: str,
    *,
    saves: tuple[str, ...] | Literal[FromProfile.FROM_PROFILE] = (),
    waits: bool = True,
    requires: str = "",
) -> Callable[[F], F]:
    """Make an actor's async method a step of the language.

    `sentence` is English, as one would ask a person to do it, with `{parameter}` and `{actor}` (or the actor's kind) in
    braces; what stands in `[…]` is left out when a value in it was not given. `saves` names the outputs. `waits=False`
    refuses `within:`. `requires` names a capability that the target must have, such as `clock`.

    TypeError, at import, when the method cannot be a step: the message names the method and the reason.
    """

    def mark(function: F) -> F:
        vars(function)[_MARK] = _define(function, sentence, saves, waits, requires)
        return function

    return mark


@cache
def steps_of(actor: type[Actor]) -> Mapping[str, StepDefinition]:
    """Give an actor's steps by verb, in the order in which they are written; a subclass may override a step's method.

    TypeError when a sentence has a field that is neither a parameter, nor `actor`, nor the actor's kind.
    """
    definitions = dict[str, StepDefinition]()
    for owner in reversed(actor.__mro__):
        for name, member in vars(owner).items():
            if isinstance(member, FunctionType) and isinstance(marked := vars(member).get(_MARK), StepDefinition):
                definitions[name] = marked
    found = {
        definition.verb: replace(definition, actor_kind=actor.kind, function=cast("StepFunction", getattr(actor, name)))
        for name, definition in definitions.items()
    }
    for definition in found.values():
        known = {parameter.name for parameter in definition.parameters} | {"actor", actor.kind}
        if unknown := definition.sentence.fields - known:
            raise TypeError(f"{definition.name}: the sentence has {_braced(unknown)}, which is no parameter")
    return found


def _define(function: StepFunction, sentence: str, saves: Saves, waits: bool, requires: str) -> StepDefinition:
    name = function.__qualname__
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"{name}: a step is an async method")
    doc = inspect.getdoc(function)
    if not doc:
        raise TypeError(f"{name}: a step has a docstring; the reference page shows it")
    try:
        read = read_sentence(sentence)
    except ValueError as problem:
        raise TypeError(f"{name}: {problem}") from None
    _, *given = inspect.signature(function, eval_str=True).parameters.values()
    parameters = tuple(_parameter(name, parameter) for parameter in given)
    if sum(parameter.positional for parameter in parameters) > 1:
        raise TypeError(f"{name}: only one parameter may stand before the *: a bare value fills just one")
    for parameter in parameters:
        if parameter.required and parameter.name not in read.always:
            raise TypeError(f"{name}: the sentence does not mention {{{parameter.name}}}, which must always be given")
        if parameter.default is None and parameter.name in read.always and not parameter.required:
            raise TypeError(f"{name}: {{{parameter.name}}} may be missing; put its part of the sentence in [ ]")
    if saves is FROM_PROFILE and not any(parameter.name == "profile" for parameter in parameters):
        raise TypeError(f"{name}: FROM_PROFILE needs a parameter named profile")
    return StepDefinition(
        actor_kind="",
        verb=_written(function.__name__),
        sentence=read,
        doc=doc,
        parameters=parameters,
        saves=saves,
        waits=waits,
        requires=requires,
        function=function,
    )


def _parameter(step_name: str, given: inspect.Parameter) -> Parameter:
    if given.kind not in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY):
        raise TypeError(f"{step_name}: {given.name} must be an ordinary or a keyword-only parameter")
    name = _written(given.name)
    if name in RESERVED:
        raise TypeError(f"{step_name}: {name} is a word of the language and cannot be a parameter")
    required = given.default is inspect.Parameter.empty
    return Parameter(
        name=name,
        argument=given.name,
        kind=_kind_of(step_name, given.name, given.annotation),
        required=required,
        default=None if required else given.default,
        positional=given.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )


def _kind_of(step_name: str, name: str, annotation: object) -> ParameterKind:
    if get_origin(annotation) in (Union, UnionType):
        others = [part for part in get_args(annotation) if part is not NoneType]
        if len(others) == 1:
            return _kind_of(step_name, name, others[0])
    if get_origin(annotation) is Literal:
        words = get_args(annotation)
        if all(isinstance(word, str) for word in words):
            return choice(*words)
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            if isinstance(extra, ParameterKind):
                return extra
    raise TypeError(f"{step_name}: {name} needs one of the parameter types of harness.steps, or a Literal of texts")


def _written(name: str) -> str:
    """Give a Python name as a scenario writes it."""
    return name.rstrip("_").replace("_", "-")


def _braced(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
