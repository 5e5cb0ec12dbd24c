"""A target as its folder describes it: `target.yaml`, and the flows that carry out an intention on its pages."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from fake_gateways.profiles import MessageProfile, ProfileError, parse_profiles
from harness.errors import Place, TwofoldError
from harness.plan.values import TargetFacts
from harness.scenario.loading import read_tree
from harness.scenario.problems import Findings, Problems, did_you_mean
from harness.scenario.trees import Scalar, Sequence, Table, Tree

Capability = Literal["back-office", "audit", "phone-app", "password-reset", "web-login", "cas", "clock"]


class TargetNotUsable(TwofoldError):
    """There is no such target, or its description cannot be used."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerAccess(_Strict):
    """How to have the server, one of three ways.

    `app`: it runs in this process, `package.module:factory`, called with the settings and our clock. `command`: it
    runs as a process of its own, with the settings as its environment, and is ready once it answers at `ready`.
    `address`: it runs somewhere already.
    """

    app: Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+$")] | None = None
    command: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    address: Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+$")] | None = None
    settings: Mapping[str, str] = {}
    ready: Annotated[str, StringConstraints(pattern=r"^/")] = "/"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if [self.app, self.command, self.address].count(None) != len(("app", "command", "address")) - 1:
            raise PydanticCustomError("one_way", "write one of app, command and address")
        return self


class _TargetFile(_Strict):
    target: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    says: str
    server: ServerAccess
    clock: Literal["world", "none"] = "none"
    can: tuple[Capability, ...] = ()
    messages: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server under test: how to have it, what it can do, its message profiles, and where its flows lie."""

    name: str
    says: str
    folder: Path
    server: ServerAccess
    capabilities: frozenset[str]
    profiles: Mapping[str, MessageProfile]

    @property
    def flow_folders(self) -> tuple[Path, ...]:
        """Where a flow is looked for: with the target first, then among those that come with Twofold."""
        return (self.folder / "flows", bundled() / "flows")

    @property
    def facts(self) -> TargetFacts:
        """What a check of scenarios must know of it."""
        return TargetFacts(
            name=self.name,
            profiles={name: profile.value_names for name, profile in self.profiles.items()},
            flow_folders=self.flow_folders,
            capabilities=self.capabilities,
        )


def bundled() -> Path:
    """The folder of scenarios, flows and targets that come with Twofold."""
    return Path(str(files("scenarios")))


def load_target(name: str) -> Target:
    """Load a target by its name among those that come with Twofold, or by its folder.

    Raises TargetNotUsable with the file and what is wrong in it.
    """
    folder = Path(name) if "/" in name or (Path(name) / "target.yaml").is_file() else bundled() / "targets" / name
    path = folder / "target.yaml"
    if not path.is_file():
        known = sorted(found.parent.name for found in (bundled() / "targets").glob("*/target.yaml"))
        near = difflib.get_close_matches(name, known, n=1)
        hint = (
            f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}, or name a folder with a target.yaml"
        )
        raise TargetNotUsable(f"there is no target {name}; {hint}")
    described = _read(path)
    try:
        profiles = parse_profiles(described.messages)
    except ProfileError as trouble:
        raise TargetNotUsable(f"{path}: messages: {trouble}") from None
    return Target(
        name=described.target,
        says=described.says,
        folder=folder,
        server=described.server,
        capabilities=frozenset[str](described.can) | ({"clock"} if described.clock == "world" else set[str]()),
        profiles=profiles,
    )


def _read(path: Path) -> _TargetFile:
    """Read `target.yaml` as strictly as a scenario: every scalar is text, and every mistake has its place."""
    findings = Findings()
    try:
        findings.sources[str(path)] = source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as trouble:
        raise TargetNotUsable(f"{path}: cannot be read: {trouble}") from None
    tree = read_tree(source, str(path), findings)
    findings.raise_if_any()
    if tree is None:
        raise TargetNotUsable(f"{path}: the file is empty; begin with target: and a name")
    try:
        return _TargetFile.model_validate(_plain(tree))
    except ValidationError as trouble:
        for error in trouble.errors():
            keys, hint, message = list(error["loc"]), "", error["msg"][:1].lower() + error["msg"][1:]
            if error["type"] == "extra_forbidden":
                model = ServerAccess if keys[0] == "server" and len(keys) > 1 else _TargetFile
                message, hint = "unknown key", did_you_mean(str(keys[-1]), model.model_fields)
            findings.add(_place(tree, keys), f"{'.'.join(map(str, keys))}: {message}", hint)
        raise Problems(findings.problems, findings.sources) from None


def _plain(tree: Tree) -> object:
    """The tree as texts, lists and dictionaries."""
    match tree:
        case Scalar():
            return tree.text
        case Sequence(items=items):
            return [_plain(item) for item in items]
        case Table(entries=entries):
            return {key.text: _plain(value) for key, value in entries}


def _place(tree: Tree, keys: Iterable[str | int]) -> Place:
    """Where the value of these keys stands; where a key is missing, the table that lacks it."""
    place = tree.place
    for key in keys:
        if isinstance(tree, Table):
            found = next(((name, value) for name, value in tree.entries if name.text == key), None)
            if found is None:
                break
            place, tree = found[0].place, found[1]
        elif isinstance(tree, Sequence) and isinstance(key, int):
            tree = tree.items[key]
            place = tree.place
    return place
