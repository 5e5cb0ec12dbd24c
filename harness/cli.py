"""The command line: `twofold`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.commands.exit_codes import ExitCode
from harness.commands.options import RunOptions, fresh_seed
from harness.errors import EnvironmentNotReady, TwofoldError

app = typer.Typer(
    name="twofold",
    help="Rehearses two-factor enrolment and login end to end: phone, mail, text messages, browser and clock.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Scenario files, or folders of them.")]
TargetName = Annotated[str, typer.Option("--target", help="A target's name, or its folder with a target.yaml.")]
Seed = Annotated[str, typer.Option("--seed", help="Repeat the chance of an earlier run.", show_default="drawn")]


def main() -> None:
    """Run a command; what a person can mend is one line on the standard error, without a traceback."""
    try:
        app()
    except EnvironmentNotReady as trouble:
        print(f"twofold: {trouble}", file=sys.stderr)  # noqa: T201 - the command line speaks here
        sys.exit(ExitCode.ENVIRONMENT)
    except TwofoldError as trouble:
        print(trouble, file=sys.stderr)  # noqa: T201
        sys.exit(ExitCode.INVALID)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)


@app.command()
def run(
    paths: Paths,
    target: TargetName = "reference",
    report: Annotated[Path, typer.Option(help="The folder that gets the report.")] = Path("report"),
    seed: Seed = "",
    headed: Annotated[bool, typer.Option("--headed", help="Show the browser.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep each world open until Enter is pressed.")] = False,
    detail: Annotated[str, typer.Option(help="How much to print: scenarios, stages or steps.")] = "stages",
) -> None:
    """Play scenarios and write the report."""
    from harness.commands.run import run as run_command

    raise typer.Exit(
        run_command(
            RunOptions(
                paths=tuple(paths),
                target=target,
                report=report,
                seed=seed or fresh_seed(),
                headed=headed,
                keep=keep,
                detail=detail,
                environ=dict(os.environ),
            )
        )
    )


@app.command()
def check(paths: Paths, target: TargetName = "reference") -> None:
    """Find every mistake in scenario files, without running anything."""
    from harness.commands.checking import check as check_command

    raise typer.Exit(check_command(tuple(paths), target, dict(os.environ)))


@app.command("list")
def list_(paths: Paths, target: TargetName = "reference") -> None:
    """List the scenarios and their example rows."""
    from harness.commands.checking import list_ as list_command

    raise typer.Exit(list_command(tuple(paths), target, dict(os.environ)))


@app.command()
def steps(markdown: Annotated[bool, typer.Option("--markdown", help="As a page.")] = False) -> None:
    """Show every step that a scenario can take."""
    from harness.commands.checking import steps as steps_command

    raise typer.Exit(steps_command(markdown=markdown))


@app.command()
def phone(
    server: Annotated[str, typer.Option(help="The server's address, such as http://localhost:8000.")],
    messages: Annotated[str, typer.Option(help="The gateways' address, as `twofold up` prints it.")] = "",
    owner: Annotated[str, typer.Option(help="Whose phone it is: the e-mail address and number, comma between.")] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Where the phone keeps its data.", show_default="a new one")
    ] = None,
    english: Annotated[bool, typer.Option("--english", help="In English, not in Traditional Chinese.")] = False,
    light: Annotated[bool, typer.Option("--light", help="Dark on light; F3 changes it.")] = False,
) -> None:
    """Be a customer's phone in this terminal."""
    from harness.commands.phone import PhoneOptions
    from harness.commands.phone import phone as phone_command

    raise typer.Exit(
        phone_command(
            PhoneOptions(
                server=server.rstrip("/"),
                messages=messages.rstrip("/"),
                owner=tuple(part.strip() for part in owner.split(",") if part.strip()),
                folder=folder,
                language="en" if english else "zh-Hant",
                light=light,
            )
        )
    )


@app.command()
def up(
    port: Annotated[int, typer.Option(help="The server's port; 0 is any free one.")] = 8000,
    messages_port: Annotated[int, typer.Option(help="The port of the mails' and texts' page.")] = 8025,
    target: TargetName = "reference",
    seed: Seed = "",
) -> None:
    """Start server and gateways with a ready customer, to play the journey by hand."""
    from harness.commands.up import up as up_command

    raise typer.Exit(up_command(port, messages_port, target, seed or fresh_seed(), dict(os.environ)))


@app.command("set-up")
def set_up() -> None:
    """Install what this machine lacks: a Chromium, and a font for Chinese text."""
    from harness.set_up import set_up as set_up_command

    set_up_command(dict(os.environ), lambda line: print(f"set-up: {line}", flush=True))  # noqa: T201
