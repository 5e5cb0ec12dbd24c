"""Runs that never happened, told as a real one would be: the journey of the manual and some shorter ones."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from rich.console import Console

from harness.errors import Place
from harness.events import (
    ClockMoved,
    Event,
    Failure,
    Lane,
    MessageArrived,
    PictureTaken,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    ServerNoted,
    StageStarted,
    StepFinished,
    StepStarted,
    Verdict,
)

WORLD_START = 1_763_886_120.0
"""2025-11-23 16:22:00 in Hong Kong."""

JOURNEY = """\
# yaml-language-server: $schema=../schema/scenario.schema.json
scenario: A new customer resets the password, binds the token by QR code and logs in on the web
id: MAN-001
manual: [M2, M3, M5, M9, M10, M11, M12, M13, M14, M15, M16, M17, M25, M26, M29, M31]
tags: [smoke, enrolment, itoken]
timeout: 2m
needs:
  - customer: {as: chan, password: none, token: none}
  - phone: {as: phone, biometrics: none}
  - browser: web
vars:
  password: $random.password
  pin: 240719

steps:
  - stage: Reset the login password
    steps:
      - server.reset-password: $chan
      - mail.expect: {to: $chan, profile: password-reset, save: {link: reset_link}}
      - web.open: $reset_link
      - web.fill: {field: 新密碼, with: $password}
      - web.fill: {field: 確認新密碼, with: $password}
      - web.click: 確定
      - web.sees: 成功更改

  - stage: Bind the soft token
    steps:
      - run: open-the-app-the-first-time
      - phone.tap: 登入                          # the lock at the top right
      - phone.type: {into: 用戶名稱, text: $chan.account}
      - phone.type: {into: 密碼, text: $password}
      - phone.tap: 登入
      - phone.tap: 啟用
      - phone.tap: 同意
      - sms.expect: {to: $chan, profile: activation-code, save: {code: sms_code}}
      - phone.type: {into: 6位數字驗證碼, text: $sms_code}
      - phone.tap: 啟用
      - run: choose-a-pin
        with: {pin: $pin}
      - mail.expect: {to: $chan, profile: token-registration, save: {qr: registration_qr}}
      - phone.tap: 掃描二維碼
      - phone.scan: $registration_qr
      - phone.screen: token-bound
      - soft:
          - server.token: {of: $chan, is: active}
          - server.audit: {of: $chan, has: token-bound, result: success}
          - mail.expect: {to: $chan, profile: token-bound-notice}

  - stage: Log in on the web with the token
    steps:
      - web.open: /cas/login
      - web.fill: {field: 登入帳號, with: $chan.account}
      - web.fill: {field: 登入密碼, with: $password}
      - web.click: 登入
      - web.click: iToken
      - phone.code: {pin: $pin, save: {code: token_code}}
      - web.fill: {field: 一次性驗證碼, with: $token_code}
      - web.click: 確定
      - web.url: /iweb
      - web.sees: $chan.account
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """A text message that a step brings about."""

    text: str
    profile: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that a step brings about."""

    subject: str
    text: str
    profile: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit row that a step brings about."""

    event: str
    result: str = "success"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Does:
    """One step of a journey: what is written, what it says, how long it takes, what comes of it."""

    text: str
    sentence: str
    seconds: float = 0.02
    waited: float = 0.0
    effects: tuple[Sms | Mail | Audit, ...] = ()
    screen: tuple[str, ...] = ()
    jump: float = 0.0
    flow: tuple[str, ...] = ()


RESET = (
    Does(
        "server.reset-password: $chan",
        "the back office starts a password reset for chan",
        0.04,
        effects=(
            Audit("reset-requested"),
            Mail(
                subject="Password Reset",
                profile="password-reset",
                values={"link": "‹link#1›"},
                text="親愛的 陳大文 9999-9990 先生/女士,\n\n謝謝閣下使用鉅亨證券有限公司網上交易系統，"
                "我們收到閣下指示重設帳戶登入密碼。\n"
                "重設帳號登入密碼：按此 (‹link#1›)\n(此鏈結由電郵發出時間8小時內有效)",
            ),
        ),
    ),
    Does(
        "mail.expect: {to: $chan, profile: password-reset, save: {link: reset_link}}",
        "a password-reset mail comes for chan",
        0.09,
        0.08,
    ),
    Does("web.open: $reset_link", "on web, open ‹link#1›", 0.61, effects=(Audit("link-opened"),)),
    Does("web.fill: {field: 新密碼, with: $password}", "on web, type ••• into “新密碼”", 0.05),
    Does("web.fill: {field: 確認新密碼, with: $password}", "on web, type ••• into “確認新密碼”", 0.04),
    Does(
        "web.click: 確定",
        "on web, click “確定”",
        0.38,
        effects=(
            Audit("password-changed"),
            Sms(
                text="鉅亨證券：閣下的登入密碼已於16:22更改。如非本人操作，請即致電客戶服務部。",
                profile="password-notice",
            ),
        ),
    ),
    Does("web.sees: 成功更改", "web shows “成功更改”", 0.03, 0.02),
)

_FIRST = ("open-the-app-the-first-time",)
_PIN = ("choose-a-pin",)
BIND = (
    Does(
        "phone.tap: 鉅亨證券 2",
        "on phone, tap “鉅亨證券 2”",
        0.05,
        flow=_FIRST,
        screen=("", "鉅亨證券 2", "", "想傳送通知給您", "", "[ 允許 ]   [ 不允許 ]"),
    ),
    Does(
        "phone.tap: 允許",
        "on phone, tap “允許”",
        0.04,
        flow=_FIRST,
        screen=("免責聲明", "", "本應用程式提供之資料僅供參考，並不構成任何投資建議。", "", "[ 我明白及同意 ]"),
    ),
    Does(
        "phone.tap: 我明白及同意",
        "on phone, tap “我明白及同意”",
        0.04,
        flow=_FIRST,
        screen=("基本教學", "", "一部電話，一個帳戶。", "", "[ 立即開始 ]"),
    ),
    Does(
        "phone.tap: 立即開始",
        "on phone, tap “立即開始”",
        0.05,
        flow=_FIRST,
        screen=("鉅亨證券", "", "            [ 登入 ]"),
    ),
    Does(
        "phone.tap: 登入",
        "on phone, tap “登入”",
        0.03,
        screen=("‹ 返回      登入", "", "用戶名稱", "[            ]", "密碼", "[            ]"),
    ),
    Does(
        "phone.type: {into: 用戶名稱, text: $chan.account}",
        "on phone, type 9999-9990 into “用戶名稱”",
        0.06,
        screen=("‹ 返回      登入", "", "用戶名稱", "[ 9999-9990  ]", "密碼", "[            ]"),
    ),
    Does(
        "phone.type: {into: 密碼, text: $password}",
        "on phone, type ••• into “密碼”",
        0.07,
        screen=("‹ 返回      登入", "", "用戶名稱", "[ 9999-9990  ]", "密碼", "[ ••••••••   ]"),
    ),
    Does(
        "phone.tap: 登入",
        "on phone, tap “登入”",
        0.33,
        0.28,
        effects=(Audit("login", reason="password only"),),
        screen=("", "啟用保安編碼器", "", "[ 啟用 ]   [ 稍後 ]"),
    ),
    Does("phone.tap: 啟用", "on phone, tap “啟用”", 0.03, screen=("同意條款", "", "[ 同意 ]   [ 取消 ]")),
    Does(
        "phone.tap: 同意",
        "on phone, tap “同意”",
        0.06,
        effects=(
            Audit("enrolment-started"),
            Sms(
                text="鉅亨證券：啟用保安編碼器的驗證碼是 ‹otp#1›，5分鐘內有效。請勿告知他人。",
                profile="activation-code",
                values={"code": "‹otp#1›"},
            ),
        ),
        screen=("啟用保安編碼器", "", "驗證碼已發送至 +852 •••• 0101", "6位數字驗證碼", "[            ]"),
    ),
    Does(
        "sms.expect: {to: $chan, profile: activation-code, save: {code: sms_code}}",
        "an activation-code SMS comes for chan",
        0.02,
        0.01,
    ),
    Does(
        "phone.type: {into: 6位數字驗證碼, text: $sms_code}",
        "on phone, type ‹otp#1› into “6位數字驗證碼”",
        0.05,
    ),
    Does(
        "phone.tap: 啟用",
        "on phone, tap “啟用”",
        0.06,
        effects=(
            Audit("sms-code", "refused", "wrong code"),
            Audit("sms-code"),
        ),
        screen=("設定保安編碼器密碼", "", "保安編碼器密碼", "[            ]", "確認保安編碼器密碼", "[            ]"),
    ),
    Does(
        "phone.type: {into: 保安編碼器密碼, text: $pin}",
        "on phone, type ••• into “保安編碼器密碼”",
        0.05,
        flow=_PIN,
    ),
    Does(
        "phone.type: {into: 確認保安編碼器密碼, text: $pin}",
        "on phone, type ••• into “確認保安編碼器密碼”",
        0.05,
        flow=_PIN,
    ),
    Does(
        "phone.tap: 確定",
        "on phone, tap “確定”",
        0.08,
        flow=_PIN,
        effects=(
            Audit("registration-sent"),
            Mail(
                subject="保安編碼器註冊資料",
                profile="token-registration",
                values={"code": "‹code#1›", "qr": "picture"},
                text="註冊編碼：‹code#1›\n\n請以手機掃描下方二維碼。",
            ),
        ),
        screen=("綁定保安編碼器", "", "[ 掃描二維碼 ]", "", "[ 輸入用戶登入名稱及註冊編碼 ]"),
    ),
    Does(
        "mail.expect: {to: $chan, profile: token-registration, save: {qr: registration_qr}}",
        "a token-registration mail comes for chan",
        0.05,
        0.04,
    ),
    Does(
        "phone.tap: 掃描二維碼",
        "on phone, tap “掃描二維碼”",
        0.04,
        screen=("相機", "", "    ┌────────┐", "    │  ▣  ▣  │", "    └────────┘"),
    ),
    Does(
        "phone.scan: $registration_qr",
        "on phone, scan the picture",
        1.42,
        1.31,
        effects=(
            Audit("binding"),
            Audit("token-bound"),
            Mail(subject="保安編碼器綁定通知", profile="token-bound-notice", text="閣下的保安編碼器已於16:22綁定。"),
            Sms(text="鉅亨證券：閣下的保安編碼器已綁定。", profile="token-bound-notice"),
        ),
        screen=("", "✔ 保安編碼器已成功啟用", "", "[ 完成 ]"),
    ),
    Does("phone.screen: token-bound", "phone shows the screen token-bound", 0.01),
    Does("server.token: {of: $chan, is: active}", "chan’s token is active", 0.01),
)

LOGIN = (
    Does("web.open: /cas/login", "on web, open /cas/login", 0.22),
    Does("web.fill: {field: 登入帳號, with: $chan.account}", "on web, type 9999-9990 into “登入帳號”", 0.04),
    Does("web.fill: {field: 登入密碼, with: $password}", "on web, type ••• into “登入密碼”", 0.04),
    Does(
        "web.click: 登入",
        "on web, click “登入”",
        0.41,
        effects=(Audit("login", reason="second factor asked"),),
    ),
    Does("web.click: iToken", "on web, click “iToken”", 0.17),
    Does(
        "phone.code: {pin: $pin, save: {code: token_code}}",
        "on phone, read the token’s code",
        0.28,
        0.2,
        screen=(
            "‹ 返回     保安編碼器",
            "",
            "9999-9990",
            "",
            "  ╺━┓ ╺━┓ ┏━┓   ╺━┓ ┏━┓ ╻ ╻",
            "  ┏━┛ ┣━┫  ━┫     ┃ ┃ ┃ ┗━┫",
            "  ┗━╸ ┗━┛ ╺━┛     ╹ ┗━┛   ╹",
            "",
            "━━━━━━━━━━━━──── 18 秒",
        ),
    ),
    Does("web.fill: {field: 一次性驗證碼, with: $token_code}", "on web, type ‹otp#2› into “一次性驗證碼”", 0.05),
    Does(
        "web.click: 確定",
        "on web, click “確定”",
        0.36,
        effects=(
            Audit("login", reason="soft token"),
            Mail(subject="登入通知", profile="login-notice", text="閣下的帳戶 9999-9990 於16:22在網上登入。"),
        ),
    ),
    Does("web.url: /iweb", "web is at /iweb", 0.02),
    Does("web.sees: $chan.account", "web shows “9999-9990”", 0.02, 0.01),
)


@lru_cache
def phone_picture(*lines: str, clock: str = "16:22") -> bytes:
    """A phone's screen as Textual draws one: SVG with a style sheet, a web font and clip paths."""
    console = Console(
        width=44, record=True, file=io.StringIO(), force_terminal=True, legacy_windows=False, highlight=False
    )
    console.print(f" [bold]{clock}[/]          ▂▄▆                  84%")
    console.print("[dim]" + "─" * 44 + "[/]")
    for line in (*lines, *("",) * (34 - len(lines))):
        console.print(f"   {line}", markup=False)
    return console.export_svg(title="").encode()


def page_picture(words: str) -> bytes:
    """A browser's page as a small JPEG."""
    image = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 640, 46), fill="#123a5c")
    draw.text((200, 120), words, fill="black")
    for row in range(3):
        draw.rectangle((200, 160 + 56 * row, 440, 196 + 56 * row), outline="#123a5c")
    data = io.BytesIO()
    image.save(data, "JPEG", quality=60)
    return data.getvalue()


class Telling:
    """Tells a run event by event, keeping both clocks and writing pictures into `folder`."""

    def __init__(self, folder: Path, *, total: int = 1) -> None:
        self.folder = folder
        self.events: list[Event] = [
            RunStarted(
                elapsed=0.0,
                total=total,
                seed="7f3a",
                target="reference",
                versions={"twofold": "0.1.0", "python": "3.11.9", "chromium": "142.0"},
            )
        ]
        self.elapsed = 0.05
        self.at = WORLD_START
        self.counts: dict[Verdict, int] = {}
        self.messages = 0
        self.marks_pictures = False
        self._id = ""
        self._number = 0
        self._began = 0.0
        self._source: list[str] = []
        self._written_at = 0
        self._place = Place("scenarios/manual/first_journey.scenario.yaml")

    def scenario(
        self,
        id: str = "MAN-001",
        title: str = "A new customer resets the password, binds the token by QR code and logs in on the web",
        *,
        case: str = "",
        manual: tuple[str, ...] = ("M2", "M3", "M5", "M9", "M16", "M17", "M29", "M31"),
        tags: tuple[str, ...] = ("smoke",),
        path: str = "scenarios/manual/first_journey.scenario.yaml",
        source: str = JOURNEY,
    ) -> "Telling":
        self._source, self._written_at = source.splitlines(), 0
        self._id, self._number, self._began, self._place = id, 0, self.elapsed, Place(path)
        self.at = WORLD_START
        self.events.append(
            ScenarioStarted(
                elapsed=self.elapsed,
                at=self.at,
                id=id,
                title=title,
                case=case,
                manual=manual,
                tags=tags,
                place=Place(path),
                source=source,
            )
        )
        return self

    def stage(self, title: str, *steps: Does) -> "Telling":
        self.events.append(
            StageStarted(elapsed=self.elapsed, at=self.at, scenario=self._id, title=title, place=self._place)
        )
        for step in steps:
            self.step(step)
        return self

    def _line(self, does: Does) -> int:
        """Where the step stands in the source, below the one before; line 6 of its file for a flow's step."""
        if does.flow:
            return 6
        following = enumerate(self._source[self._written_at :], start=self._written_at + 1)
        self._written_at = next((number for number, line in following if does.text in line), self._written_at + 1)
        return self._written_at

    def start(self, does: Does) -> None:
        self._number += 1
        actor = does.text.split(".", 1)[0]
        lane = Lane(actor) if actor in set(Lane) else Lane.BROWSER
        path = f"scenarios/flows/{does.flow[-1]}.flow.yaml" if does.flow else self._place.path
        verb = does.text.split(":", 1)[0]
        self.events.append(
            StepStarted(
                elapsed=self.elapsed,
                at=self.at,
                scenario=self._id,
                number=self._number,
                lane=lane,
                actor=actor,
                text=does.text,
                sentence=does.sentence,
                place=Place(path, self._line(does), 9, len(verb)),
                flow=does.flow,
            )
        )

    def step(self, does: Does, failure: Failure | None = None) -> "Telling":
        self.start(does)
        started = self.elapsed
        for index, effect in enumerate(does.effects):
            self.elapsed = started + does.seconds * (index + 1) / (len(does.effects) + 1)
            self._effect(effect)
        self.elapsed = started + does.seconds
        if does.jump:
            self.events.append(ClockMoved(elapsed=self.elapsed, at=self.at, scenario=self._id, to=self.at + does.jump))
            self.at += does.jump
        verdict = Verdict.FAILED if failure else Verdict.PASSED
        self.events.append(
            StepFinished(
                elapsed=self.elapsed,
                at=self.at,
                scenario=self._id,
                number=self._number,
                verdict=verdict,
                waited=does.waited,
                failure=failure,
            )
        )
        if does.screen:
            drawn = phone_picture(*does.screen)
            if self.marks_pictures:  # as another account, another code and another time of day would
                drawn = drawn.replace(b"84%", f"{len(self.events):05}".encode())
            self.picture(drawn, Lane.PHONE, "phone", "image/svg+xml", does.screen)
        return self

    def check(self, text: str, failure: Failure | None = None, *, flow: tuple[str, ...] = ()) -> "Telling":
        """A step of a tenth of a second that brings nothing about."""
        return self.step(Does(text, text, 0.1, flow=flow), failure)

    def picture(self, data: bytes, lane: Lane, actor: str, media: str, words: tuple[str, ...]) -> "Telling":
        suffix = {"image/svg+xml": "svg", "image/jpeg": "jpg", "image/png": "png"}[media]
        path = f"pictures/{self._id}-{self._number}-{lane}.{suffix}"
        (self.folder / "pictures").mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(data)
        self.events.append(
            PictureTaken(
                elapsed=self.elapsed,
                at=self.at,
                scenario=self._id,
                lane=lane,
                actor=actor,
                step=self._number,
                caption=next((word for word in words if word), actor),
                path=path,
                media=media,
                text="\n".join(words),
            )
        )
        return self

    def _effect(self, effect: Sms | Mail | Audit) -> None:
        when = {"elapsed": self.elapsed, "at": self.at, "scenario": self._id}
        match effect:
            case Audit():
                self.events.append(
                    ServerNoted(
                        **when, event=effect.event, result=effect.result, reason=effect.reason, account="9999-9990"
                    )
                )
            case Sms():
                self.messages += 1
                self.events.append(
                    MessageArrived(
                        **when,
                        lane=Lane.SMS,
                        number=self.messages,
                        sender="鉅亨證券",
                        recipient="+852 5555 0101",
                        subject="",
                        text=effect.text,
                        profile=effect.profile,
                        values=effect.values,
                    )
                )
            case Mail():
                self.messages += 1
                self.events.append(
                    MessageArrived(
                        **when,
                        lane=Lane.MAIL,
                        number=self.messages,
                        sender="Anue Securities Service",
                        recipient="chan@example.com",
                        subject=effect.subject,
                        text=effect.text,
                        profile=effect.profile,
                        values=effect.values,
                    )
                )

    def end(self, verdict: Verdict = Verdict.PASSED, *, reason: str = "", again: str = "") -> "Telling":
        self.counts[verdict] = self.counts.get(verdict, 0) + 1
        self.events.append(
            ScenarioFinished(
                elapsed=self.elapsed,
                at=self.at,
                scenario=self._id,
                verdict=verdict,
                seconds=self.elapsed - self._began,
                reason=reason,
                again=again,
            )
        )
        self.elapsed += 0.05
        return self

    def done(self, *, interrupted: bool = False, leaks: tuple[str, ...] = ()) -> list[Event]:
        self.events.append(
            RunFinished(
                elapsed=self.elapsed, seconds=self.elapsed, counts=self.counts, interrupted=interrupted, leaks=leaks
            )
        )
        return self.events


WRONG_STEP = Failure(
    summary="The page stayed at /cas/login: 驗證碼不正確.",
    expected="/iweb",
    seen="/cas/login",
    why="the code ‹otp#2› was right for the step before. The phone's clock is 45 s behind the server's.",
)
AGAIN = "twofold run scenarios/manual/first_journey.scenario.yaml --seed 7f3a --stop-before 57"


class Runs:
    """Whole runs by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def telling(self, total: int = 1) -> Telling:
        return Telling(self.folder, total=total)

    def journey(self, telling: Telling, **facts: str) -> Telling:
        telling.scenario(**facts)
        telling.stage("Reset the login password", *RESET)
        telling.stage("Bind the soft token", *BIND)
        return telling.stage("Log in on the web with the token", *LOGIN).end()

    def failed_journey(self, telling: Telling) -> Telling:
        telling.scenario()
        telling.stage("Reset the login password", *RESET)
        telling.stage("Bind the soft token", *BIND)
        telling.stage("Log in on the web with the token", *LOGIN[:-3])
        telling.step(
            Does(
                "web.click: 確定",
                "on web, click “確定”",
                0.36,
                effects=(Audit("login", "refused", "code of the step before"),),
            )
        )
        telling.step(Does("web.url: /iweb", "web is at /iweb", 2.1, 2.08), WRONG_STEP)
        telling.picture(page_picture("/cas/login"), Lane.BROWSER, "web", "image/jpeg", ("登入", "驗證碼不正確"))
        return telling.end(Verdict.FAILED, reason=WRONG_STEP.summary, again=AGAIN)

    def row(self, telling: Telling, case: str, jump: float, failure: Failure | None = None) -> Telling:
        telling.scenario(
            f"RUL-006[{case}]",
            "A reset link works for eight hours and not a second longer",
            case=case,
            manual=("M6",),
            tags=("limits", "reset"),
            path="scenarios/rules/reset_link_lifetime.scenario.yaml",
            source="scenario: A reset link works\n",
        )
        for step in RESET[:2]:
            telling.step(step)
        telling.step(Does("clock.advance: $row.age", f"the clock moves on by {jump:.0f} s", 0.003, jump=jump))
        telling.step(RESET[2])
        telling.step(Does("web.sees: $row.sees", "web shows “忘記密碼”", 0.02), failure)
        again = "twofold run scenarios/rules/reset_link_lifetime.scenario.yaml --seed 7f3a"
        return telling.end(Verdict.FAILED, reason=failure.summary, again=again) if failure else telling.end()

    def passing(self) -> list[Event]:
        return self.journey(self.telling()).done()

    def failing(self) -> list[Event]:
        return self.failed_journey(self.telling()).done()

    def interrupted(self) -> list[Event]:
        telling = self.telling(total=3)
        self.row(telling, "at eight hours", 28_800)
        telling.scenario()
        telling.stage("Reset the login password", *RESET)
        telling.stage("Bind the soft token", *BIND[:9])
        telling.start(BIND[10])
        telling.elapsed += 3.2
        return telling.done(interrupted=True)

    def mixed(self, total: int = 30) -> list[Event]:
        """One of each verdict, the rest passed."""
        telling = self.telling(total)
        self.row(telling, "one second before", 28_799)
        self.row(telling, "at eight hours", 28_800)
        self.row(telling, "a day later", 86_400)
        self.failed_journey(telling)
        telling.scenario(
            "BIO-002", "Biometrics are suspended when the phone's set of fingerprints changes", manual=("M22",)
        ).end(Verdict.NOT_APPLICABLE, reason="The target “reference” cannot take our clock.")
        telling.scenario("GWY-003", "An SMS that comes late is still taken", manual=("M14",)).step(
            Does("sms.expect: {to: $chan}", "an SMS comes for chan", 1.0, 1.0),
            Failure(summary="No SMS for +852 5555 0101 in 1 s; it came 0.8 s after the check gave up."),
        ).end(Verdict.FAILED, reason="No SMS for +852 5555 0101 in 1 s; it came 0.8 s after the check gave up.")
        telling.counts[Verdict.FAILED] -= 1
        telling.scenario("GWY-003", "An SMS that comes late is still taken", manual=("M14",)).step(
            Does("sms.expect: {to: $chan}", "an SMS comes for chan", 0.3, 0.3)
        ).end(Verdict.FLAKY)
        for number in range(6, total):
            self.journey(telling, id=f"MAN-{number:03}")
        return telling.done()

    def many(self, total: int) -> list[Event]:
        telling = self.telling(total)
        for number in range(1, total + 1):
            self.journey(telling, id=f"MAN-{number:03}")
        return telling.done()

    def fifty_different(self) -> list[Event]:
        """Fifty passed journeys, each of whose pictures is unlike any other."""
        telling = self.telling(50)
        telling.marks_pictures = True
        for number in range(1, 51):
            self.journey(telling, id=f"MAN-{number:03}")
        return telling.done()


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    return Runs(tmp_path / "report")
