"""The server's staff and its audit trail, as an actor: starts resets, locks accounts, and reads what was noted."""

import asyncio
from typing import ClassVar, Literal

from harness.actors.scene import Scene
from harness.errors import StepFailed
from harness.events import Lane
from harness.steps import Actor, AuditEvent, CustomerRef, Text, step
from harness.targets.back_office import AuditRow, BackOffice

LOOK_AGAIN_SECONDS = 0.02


class Server(Actor):
    """The back office of the server under test (M34)."""

    kind: ClassVar[str] = "server"
    noun: ClassVar[str] = "server"
    lane: ClassVar[Lane] = Lane.SERVER

    def __init__(self, scene: Scene, back_office: BackOffice) -> None:
        self._scene = scene
        self._back_office = back_office

    @step("the back office starts a password reset for {of}", waits=False, requires="back-office")
    async def reset_password(self, of: CustomerRef) -> None:
        """Start a reset of the login password: the customer gets the mail with the link (M2)."""
        self._scene.acts()
        await self._back_office.reset_password(of.account)

    @step("the back office locks the account of {of}", waits=False, requires="back-office")
    async def lock(self, of: CustomerRef) -> None:
        """Lock the account: nobody logs in to it until it is unlocked (M34)."""
        self._scene.acts()
        await self._back_office.lock(of.account)

    @step("the back office unlocks the account of {of}", waits=False, requires="back-office")
    async def unlock(self, of: CustomerRef) -> None:
        """Unlock the account (M34)."""
        self._scene.acts()
        await self._back_office.unlock(of.account)

    @step("the back office clears the token of {of}", waits=False, requires="back-office")
    async def clear_token(self, of: CustomerRef) -> None:
        """End the customer's soft token (M34)."""
        self._scene.acts()
        await self._back_office.clear_token(of.account)

    @step("the token of {of} is {is}", requires="back-office")
    async def token(self, *, of: CustomerRef, is_: Literal["none", "pending", "active", "locked"]) -> None:
        """Check what the server knows of the customer's soft token."""
        seen = await self._back_office.token_state(of.account)
        if seen != is_:
            raise StepFailed(f"the token of {of} is {seen}, not {is_}", expected=is_, seen=seen)

    @step("the audit trail of {of} has {has}[ with the result {result}][ for the reason {reason}]", requires="audit")
    async def audit(
        self,
        *,
        of: CustomerRef,
        has: AuditEvent,
        result: Literal["success", "refused"] | None = None,
        reason: Text | None = None,
    ) -> None:
        """Check that the server noted an event, waiting for it if need be (M33)."""
        with self._scene.waiting():
            rows = await self._until_noted(of.account, has, result, reason)
        if not any(_fits(row, has, result, reason) for row in rows):
            wanted = " ".join(word for word in (has, result, reason) if word)
            raise StepFailed(
                f"the audit trail of {of} has no {wanted}",
                expected=wanted,
                seen=f"{len(rows)} rows",
                candidates=tuple(_line(row) for row in rows[-8:]),
            )

    async def _until_noted(
        self, account: str, has: str, result: str | None, reason: str | None
    ) -> tuple[AuditRow, ...]:
        """Read the trail until the row is there or the patience is over: nobody announces its rows."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(self._scene.patience_seconds, 2.0)
        while True:
            rows = await self._back_office.audit(account=account)
            if any(_fits(row, has, result, reason) for row in rows) or loop.time() > deadline:
                return rows
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _fits(row: AuditRow, has: str, result: str | None, reason: str | None) -> bool:
    return row.event == has and result in (None, row.result) and reason in (None, row.reason)


def _line(row: AuditRow) -> str:
    return " ".join(word for word in (row.event, row.result, row.reason) if word)
