"""What a scenario expects of mails and texts: exactly one, since the last step that did something, for this person."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fake_gateways.inbox import Inbox
from fake_gateways.profiles import parse_profiles
from fake_gateways.sms import Text
from harness.actors.messages import Texts
from harness.actors.scene import Scene
from harness.clock import WorldClock
from harness.errors import StepFailed
from harness.redaction import Redactor
from harness.targets.customers import Customer

CHAN = Customer(alias="chan", account="9999-9990", name="陳大文", email="chan@example.com", phone="+852 5555 0101")
WORDS = "鉅亨證券：登入驗證碼是 {code}，5分鐘內有效。如有查詢請致電 2122 8800。"
PROFILES = parse_profiles(
    {
        "login-code": {
            "kind": "sms",
            "values": {"code": {"after": "登入驗證碼是 ", "pattern": "[0-9]{6}"}},
            "secret": ["code"],
        }
    }
)


def text(code: str, to: str = CHAN.phone) -> Text:
    return Text(sender="#Anue", recipient=to, text=WORDS.format(code=code), received_at=0.0, provider_id="1")


def told(play: Callable[[Texts, Scene], Awaitable[object]]) -> object:
    async def run() -> object:
        scene = Scene(
            clock=WorldClock(real_now=lambda: 0.0),
            inbox=Inbox(),
            redactor=Redactor(),
            origin="http://localhost:8000",
            patience_seconds=0.02,
        )
        return await play(Texts(scene, PROFILES), scene)

    return asyncio.run(run())


def expect(texts: Texts):
    return texts.expect(to=CHAN, profile="login-code")


def test_the_code_is_taken_from_the_one_text_and_kept_secret() -> None:
    async def play(texts: Texts, scene: Scene) -> None:
        scene.inbox.put(text("281704"))
        assert await expect(texts) == {"code": "281704"}
        assert scene.redactor.redact("281704") == "‹otp#1›"

    told(play)


def test_a_text_that_comes_while_it_is_waited_for_is_taken() -> None:
    async def play(texts: Texts, scene: Scene) -> None:
        scene.patience_seconds = 5
        waiting = asyncio.create_task(expect(texts))
        await asyncio.sleep(0)
        scene.inbox.put(text("281704"))
        assert await waiting == {"code": "281704"}

    told(play)


def test_no_text_says_for_whom_and_what_there_was_instead() -> None:
    async def play(texts: Texts, scene: Scene) -> None:
        scene.inbox.put(text("281704", to="+852 5555 0177"))
        with pytest.raises(
            StepFailed, match=r"no SMS for \+852 5555 0101 \(login-code\) in 0\.02 s; .*\+852 5555 0177"
        ):
            await expect(texts)

    told(play)


def test_two_that_match_fail_and_both_are_listed() -> None:
    async def play(texts: Texts, scene: Scene) -> None:
        scene.inbox.put(text("281704"))
        scene.inbox.put(text("990011"))
        with pytest.raises(StepFailed, match="2 messages match login-code") as failed:
            await expect(texts)
        assert len(failed.value.candidates) == 2

    told(play)


def test_one_from_before_the_last_step_that_did_something_does_not_count_and_the_reason_is_given() -> None:
    async def play(texts: Texts, scene: Scene) -> None:
        scene.inbox.put(text("281704"))
        scene.acts()
        with pytest.raises(StepFailed) as failed:
            await expect(texts)
        assert "came before the last step that did something" in failed.value.why

    told(play)


def test_a_text_is_taken_once() -> None:
    async def play(texts: Texts, scene: Scene) -> None:
        scene.inbox.put(text("281704"))
        await expect(texts)
        with pytest.raises(StepFailed):
            await expect(texts)

    told(play)


def test_that_nothing_comes_holds_until_something_does() -> None:
    async def play(texts: Texts, scene: Scene) -> None:
        await texts.none(to=CHAN, for_=0.01)
        scene.inbox.put(text("281704", to="+852 5555 0177"))
        await texts.none(to=CHAN)
        scene.inbox.put(text("281704"))
        with pytest.raises(StepFailed, match="a message came for chan though none was expected"):
            await texts.none(to=CHAN, profile="login-code")

    told(play)
