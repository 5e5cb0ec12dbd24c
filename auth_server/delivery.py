"""Delivery: hands on what waits in the outbox, at once after the commit, and again while it fails."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, TypeVarTuple, assert_never

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from auth_server import audit
from auth_server.gateways import HandedOver, MailGateway, RefusedForGood, SmsGateway, Taken, TryLater
from auth_server.outbox import Content, Kind, Mail, ServiceLogout, Text, Waiting
from auth_server.sealing import SealBrokenError
from auth_server.single_logout import ServiceLogouts

if TYPE_CHECKING:
    from auth_server.broker import Broker

_log: Final = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 300.0
_LONGEST_HANDOVER_SECONDS: Final = 60.0
_LAST_WORDS_SECONDS: Final = 2.0

Arguments = TypeVarTuple("Arguments")
Returned = TypeVar("Returned")


class Waits(Protocol):
    """The time in which delivery waits before it tries again; see `OwnTime`."""

    def now(self) -> float:
        """Tell the time, in seconds from any beginning."""
        ...

    async def wait(self, woken: asyncio.Event, seconds: float | None) -> None:
        """Wait until `woken`, or for `seconds` unless they are None."""
        ...


class OwnTime:
    """This process's own, real time, also where the server's clock stands still: no gateway comes back before it."""

    def now(self) -> float:
        """Tell the monotonic time in seconds."""
        return time.monotonic()

    async def wait(self, woken: asyncio.Event, seconds: float | None) -> None:
        """Wait until `woken`, or for `seconds` unless they are None."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await woken.wait()


async def deliver(broker: "Broker", waits: Waits | None = None) -> None:
    """Deliver until cancelled. Mails, texts and logouts of services do not wait for each other.

    A failed message is tried again after a second, then after twice as long each time, up to five minutes, or when
    the gateway wants it. The time of these waits is `waits`; a message's life is counted on the server's clock.
    """
    waits = waits or OwnTime()
    loop = asyncio.get_running_loop()
    mail_gateway = MailGateway(broker.settings)
    sms_gateway = SmsGateway(broker.settings)
    services = ServiceLogouts()

    async def by_mail(waiting: Waiting, content: Content) -> HandedOver:
        nonlocal mail_gateway
        assert isinstance(content, Mail)
        try:
            # smtplib is patient with each piece; a server that drips must come to an end as a whole.
            async with asyncio.timeout(_LONGEST_HANDOVER_SECONDS):
                return await _in_thread(mail_gateway.hand_over, waiting, content, on_cancel=mail_gateway.interrupt)
        except TimeoutError:
            mail_gateway = MailGateway(broker.settings)  # one that was interrupted stays so
            return TryLater("too slow", unreachable=True)

    async def by_sms(waiting: Waiting, content: Content) -> HandedOver:
        assert isinstance(content, Text)
        return await sms_gateway.hand_over(waiting, content)

    async def leave_the_mail_server() -> None:
        await _in_thread(mail_gateway.close, on_cancel=mail_gateway.interrupt)

    async def to_service(waiting: Waiting, content: Content) -> HandedOver:
        assert isinstance(content, ServiceLogout)
        return await services.hand_over(waiting, content)

    lanes = [
        _Lane(broker, "mail", by_mail, waits, after_round=leave_the_mail_server),
        _Lane(broker, "sms", by_sms, waits),
    ]
    if broker.settings.services:
        lanes.append(_Lane(broker, "slo", to_service, waits))

    def wake() -> None:
        for lane in lanes:
            lane.wake.set()

    def wake_from_any_thread() -> None:
        loop.call_soon_threadsafe(wake)

    broker.outbox.on_commit(wake_from_any_thread)
    try:
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(lane.run())
    finally:
        broker.outbox.on_commit(None)
        mail_gateway.interrupt()
        mail_gateway.close()
        await sms_gateway.close()
        await services.close()


async def _in_thread(
    call: Callable[[*Arguments], Returned],
    *arguments: *Arguments,
    on_cancel: Callable[[], None] = lambda: None,
) -> Returned:
    """Run `call` in a thread; if cancelled, call `on_cancel` and let the thread come to its end first.

    A thread cannot be cancelled, and what it uses must not be closed under its hands.
    """
    running = asyncio.get_running_loop().run_in_executor(None, call, *arguments)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        on_cancel()
        await asyncio.wait([running], timeout=_LAST_WORDS_SECONDS)
        if running.done():
            running.exception()  # looked at, so that asyncio does not report it as forgotten
        raise


class _Lane:
    """The messages of one kind, one after the other."""

    def __init__(
        self,
        broker: "Broker",
        kind: Kind,
        hand_over: Callable[[Waiting, Content], Awaitable[HandedOver]],
        waits: Waits,
        after_round: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.wake = asyncio.Event()
        self._broker = broker
        self._kind: Kind = kind
        self._hand_over = hand_over
        self._waits = waits
        self._after_round = after_round
        self._not_before: dict[int, float] = {}
        self._first_round = True

    async def run(self) -> None:
        pause: float | None = 0.0  # what an earlier process left behind is looked for at once
        while True:
            await self._waits.wait(self.wake, pause)
            self.wake.clear()
            try:
                pause = await self._round()
            except (DBAPIError, PoolTimeout) as error:  # the database is busy or away: nothing is lost by trying again
                _log.warning("The outbox cannot be read: %s", type(error).__name__)
                pause = _FIRST_RETRY_SECONDS

    async def _round(self) -> float | None:
        """Try every message whose time has come; the seconds until the next one's, or None if none waits."""
        seen: set[int] = set()
        unreachable: TryLater | None = None
        tried = False
        while batch := await _in_thread(self._read, max(seen, default=0)):
            for message in batch:
                seen.add(message.id)
                if self._not_before.get(message.id, 0.0) > self._waits.now():
                    continue
                if message.attempts and message.id not in self._not_before and not self._first_round:
                    self._postpone(message, TryLater("another process is at it"))
                    continue
                if unreachable is not None:
                    self._postpone(message, unreachable)
                    continue
                tried = True
                result = await self._try(message)
                if isinstance(result, TryLater) and result.unreachable:
                    unreachable = result
        if tried and self._after_round is not None:
            await self._after_round()
        self._first_round = False
        self._not_before = {id: moment for id, moment in self._not_before.items() if id in seen}
        return max(0.0, min(self._not_before.values()) - self._waits.now()) if self._not_before else None

    async def _try(self, message: Waiting) -> HandedOver | None:
        if message.attempts and self._broker.now() >= message.until:
            await _in_thread(self._give_up, message, "late")  # what it says is of no more use
            return None
        if not await _in_thread(self._begin, message):
            self._postpone(message, TryLater("another process is at it"))
            return None
        try:
            content = self._broker.outbox.read(message)
        except (SealBrokenError, ValidationError):
            await _in_thread(self._give_up, message, "damaged")
            return None
        result = await self._hand_over(message, content)
        match result:
            case Taken():
                await _in_thread(self._end_sent, message)
            case RefusedForGood(reason=reason):
                await _in_thread(self._give_up, message, reason)
            case TryLater(reason=reason):
                if self._broker.now() >= message.until:
                    await _in_thread(self._give_up, message, reason)
                else:
                    self._postpone(message, result)
            case _:
                assert_never(result)
        return result

    def _postpone(self, message: Waiting, result: TryLater) -> None:
        doubled = _FIRST_RETRY_SECONDS * 2.0 ** min(message.attempts, 16)
        wait = min(max(doubled, result.wait_seconds), _LONGEST_WAIT_SECONDS)
        self._not_before[message.id] = self._waits.now() + wait
        _log.warning("%s %s waits %.1f s: %s", message.kind, message.message_id, wait, result.reason)

    def _read(self, after: int) -> tuple[Waiting, ...]:
        with self._broker.database.reading() as tx:
            return self._broker.outbox.waiting(tx, self._kind, after=after)

    def _begin(self, message: Waiting) -> bool:
        with self._broker.database.writing() as tx:
            return self._broker.outbox.begin_attempt(tx, message)

    def _end_sent(self, message: Waiting) -> None:
        self._not_before.pop(message.id, None)
        with self._broker.database.writing() as tx:
            self._broker.outbox.end(tx, message, "sent", at=self._broker.now())

    def _give_up(self, message: Waiting, reason: str) -> None:
        self._not_before.pop(message.id, None)
        with self._broker.database.writing() as tx:
            if self._broker.outbox.end(tx, message, "given-up", at=self._broker.now()):
                audit.record(
                    tx,
                    at=self._broker.now(),
                    event="message-given-up",
                    result="refused",
                    account=message.account,
                    reason=reason,
                    channel=message.kind,
                )
