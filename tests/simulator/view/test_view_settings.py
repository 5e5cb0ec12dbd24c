"""設定 on the phone's screens, and all that can come between: M8, M20 to M23, M30."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from simulator.biometrics import BiometricKind, SensorResult
from simulator.securities.app import SecuritiesApp
from simulator.securities.states import RootedPolicy

CHANGE_PASSWORD = "更改密碼 設定"
TOKEN_SERVICE = "保安編碼認證服務 設定"
CLEAR_TOKEN = "保安編碼認證服務 清除"
ENABLE_BIOMETRICS = "生物認證服務 啟用"
NEW = "Neuland2"


async def _at_the_settings(phone) -> None:
    await phone.be_bound()
    await phone.tap("鉅亨證券 2")
    await phone.tap("設定")
    await phone.hands.screen("account-settings")


async def _with_a_finger(phone) -> None:
    """Biometrics registered by the core, and the app open at the account."""
    phone.phone.biometrics.add(BiometricKind.FINGERPRINT)
    await phone.be_bound()
    await phone.app.biometrics.enable(await phone.app.biometrics.terms(), phone.kit.pin)
    await phone.tap("鉅亨證券 2")


def test_the_account_settings_show_what_the_manual_lists(play, world):
    async def act(phone):
        await _at_the_settings(phone)
        words = (
            *("帳戶設定", "一般設定", "投資帳戶", f"設定主要帳戶 {phone.kit.account}", "帳戶安全", CHANGE_PASSWORD),
            *(TOKEN_SERVICE, ENABLE_BIOMETRICS, "清除設定", CLEAR_TOKEN, "登出"),
        )
        texts = list(phone.hands.texts())
        assert [text for text in texts if text in words] == list(words)
        assert "有效期至 2027-04-14" in texts
        assert {label.text for label in phone.hands.labels()} >= {
            word for word in words if word not in ("投資帳戶", "帳戶安全", "清除設定")
        }

    play(act)


def test_a_changed_password_says_when_and_each_broken_rule_stands_under_the_new_one(play):
    async def act(phone):
        await _at_the_settings(phone)
        await phone.tap(CHANGE_PASSWORD)
        await phone.hands.see("· 不能與前1次密碼相同")
        await phone.type("現時密碼", phone.kit.password)
        await phone.type("新密碼", "short")
        await phone.type("確認新密碼", "short")
        await phone.tap("確定")
        await phone.hands.see("✘ 必須最少有8個字元\n✘ 包含最少一個數字")
        await phone.type("新密碼", NEW)
        await phone.hands.see_not("✘")
        await phone.tap("確定")
        await phone.hands.see("✘ 兩次輸入的新密碼不相同。")
        await phone.type("確認新密碼", NEW)
        await phone.tap("確定")
        await phone.hands.screen("password-changed")
        await phone.hands.see("你的密碼在16:00成功更改。")
        await phone.tap("完成")
        await phone.hands.screen("account-settings")
        assert phone.world.server.passwords[phone.kit.account] == NEW

    play(act)


def test_an_expired_password_is_changed_after_the_login_and_then_logs_in(play):
    async def act(phone):
        await phone.be_bound()
        await phone.app.log_out()
        phone.world.server.expired.add(phone.kit.account)
        await phone.tap("鉅亨證券 2")
        await phone.log_in()
        await phone.hands.screen("expired-password")
        await phone.hands.see("密碼已過期")
        await phone.type("新密碼", NEW)
        await phone.type("確認新密碼", NEW)
        await phone.tap("確定")
        await phone.hands.see("請以新密碼登入。")
        await phone.tap("登入")
        await phone.hands.screen("login")
        await phone.type("密碼", NEW)
        await phone.tap("登入")
        await phone.hands.screen("account")

    play(act)


def test_without_a_network_the_settings_open_and_say_so(play):
    async def act(phone):
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        phone.phone.network_on = False
        await phone.tap("設定")
        await phone.hands.screen("account-settings")
        await phone.hands.see("電話沒有連接網絡")
        await phone.tap("登出")
        await phone.hands.screen("welcome")

    play(act)


@pytest.mark.parametrize("leads_to", [CHANGE_PASSWORD, CLEAR_TOKEN])
def test_a_session_that_ended_meanwhile_leads_to_the_login_and_says_so(play, leads_to):
    async def act(phone):
        await _at_the_settings(phone)
        await phone.tap(leads_to)
        phone.world.server.sessions.clear()
        if leads_to == CLEAR_TOKEN:
            await phone.tap("清除")
        else:
            for field, text in (("現時密碼", phone.kit.password), ("新密碼", NEW), ("確認新密碼", NEW)):
                await phone.type(field, text)
            await phone.tap("確定")
        await phone.hands.screen("welcome")
        await phone.hands.see("not-logged-in")

    play(act)


def test_terms_pin_and_done_enable_biometrics_and_a_finger_then_opens_the_token(play):
    async def act(phone):
        phone.phone.biometrics.add(BiometricKind.FINGERPRINT)
        await _at_the_settings(phone)
        await phone.tap(ENABLE_BIOMETRICS)
        await phone.hands.screen("biometrics-terms")
        await phone.hands.see("7. 第7段。")
        await phone.tap("取消")
        await phone.hands.screen("account-settings")
        await phone.tap(ENABLE_BIOMETRICS)
        await phone.tap("同意")
        await phone.type("保安密碼", "918273")
        await phone.tap("啟用")
        await phone.hands.see("✘ wrong-pin。")
        await phone.type("保安密碼", phone.kit.pin)
        await phone.tap("啟用")
        await phone.hands.screen("biometrics-enabled")
        await phone.hands.see("已成功啟用生物認證服務。")
        await phone.tap("完成")
        await phone.hands.back()
        await phone.tap("保安編碼器")
        await phone.tap("以生物認證開啟")
        await phone.tap("感應")
        token = phone.world.server.active[phone.kit.account][0]
        assert phone.world.server.takes(token, await phone.hands.code())

    play(act)


def test_terms_that_changed_are_shown_again_before_anything_is_enabled(play):
    async def act(phone):
        phone.phone.biometrics.add(BiometricKind.FACE)
        await _at_the_settings(phone)
        await phone.tap(ENABLE_BIOMETRICS)
        await phone.tap("同意")
        phone.world.server.terms_version = "2027-01"
        await phone.type("保安密碼", phone.kit.pin)
        await phone.tap("啟用")
        await phone.hands.screen("biometrics-terms")
        await phone.hands.see("terms-changed")
        await phone.tap("同意")
        await phone.type("保安密碼", phone.kit.pin)
        await phone.tap("啟用")
        await phone.hands.screen("biometrics-enabled")

    play(act)


def test_a_phone_without_a_finger_says_so_where_biometrics_would_be_enabled(play):
    async def act(phone):
        await _at_the_settings(phone)
        await phone.tap(ENABLE_BIOMETRICS)
        await phone.hands.see("此電話沒有登記指紋或面容")
        assert phone.hands.screen_name == "account-settings"

    play(act)


@pytest.mark.parametrize(
    ("result", "screen", "says"),
    [
        (SensorResult.NO_MATCH, "sensor", "不相符"),
        (SensorResult.CANCELLED, "token-pin", "已取消生物認證"),
        (SensorResult.LOCKED_OUT, "token-pin", "感應器已鎖定"),
    ],
)
def test_without_a_match_one_tries_again_or_types_the_pin(play, result, screen, says):
    async def act(phone):
        await _with_a_finger(phone)
        await phone.tap("保安編碼器")
        await phone.tap("以生物認證開啟")
        phone.phone.biometrics.next_result = result
        await phone.tap("感應")
        await phone.hands.screen(screen)
        await phone.hands.see(says)
        if screen == "sensor":
            await phone.tap("輸入密碼")
        await phone.type("保安編碼器密碼", phone.kit.pin)
        await phone.tap("確定")
        await phone.hands.screen("token-code")

    play(act)


def test_suspended_biometrics_say_why_and_can_be_enabled_anew(play):
    async def act(phone):
        await _with_a_finger(phone)
        phone.world.server.suspend(phone.kit.account, "new-phone")
        await phone.tap("設定")
        await phone.hands.see("帳戶曾在另一部電話登入")
        await phone.tap(ENABLE_BIOMETRICS)
        await phone.tap("同意")
        await phone.type("保安密碼", phone.kit.pin)
        await phone.tap("啟用")
        await phone.tap("完成")
        await phone.hands.see_not("帳戶曾在另一部電話登入")
        await phone.tap("生物認證服務 停用")
        await phone.tap("停用")
        await phone.hands.screen("account-settings")
        await phone.hands.see(ENABLE_BIOMETRICS)
        await phone.hands.back()
        await phone.tap("保安編碼器")
        await phone.hands.screen("token-pin")
        await phone.hands.see_not("以生物認證開啟")

    play(act)


def test_a_phone_that_counts_shows_the_tries_left_and_after_ten_what_became_of_the_token(play):
    async def act(phone):
        await _at_the_settings(phone)
        await phone.tap(TOKEN_SERVICE)
        await phone.tap("錯誤密碼的計算 設定")
        await phone.type("保安編碼器密碼", phone.kit.pin)
        await phone.type("確認保安編碼器密碼", phone.kit.pin)
        await phone.tap("改由此電話計算")
        await phone.hands.see("由此電話計算")
        for _ in range(8):
            with pytest.raises(Exception, match="密碼不正確"):
                await phone.app.token_code("918273")
        await phone.tap("開啟保安編碼器")
        await phone.type("保安編碼器密碼", "918273")
        await phone.tap("確定")
        await phone.hands.see("✘ 保安編碼器密碼不正確，尚餘1次機會。")
        await phone.tap("確定")
        await phone.hands.screen("token-ended")
        await phone.hands.see("已連續10次輸入錯誤密碼")
        await phone.tap("重新啟用")
        await phone.hands.screen("consent")

    play(act)


def test_an_old_phone_is_told_at_its_next_login_that_the_token_has_moved(play, world):
    folder = world.folder

    async def bind(phone):
        await phone.be_bound()
        if world.folder == folder:
            world.folder = folder.with_name("new-phone")
        else:
            world.folder = folder

    async def look(phone):
        await phone.tap("鉅亨證券 2")
        await phone.log_in()
        await phone.hands.screen("token-ended")
        await phone.hands.see("您的帳戶已在另一部電話上啟用保安編碼器")
        await phone.hands.back()
        await phone.hands.screen("account")
        await phone.hands.see("此電話上的保安編碼器已失效")
        await phone.tap("設定")
        await phone.hands.see("… 在另一部電話上")
        await phone.tap("登出")
        await phone.tap("保安編碼器")
        await phone.hands.screen("token-ended")
        await phone.tap("登入")
        await phone.hands.screen("login")

    play(bind, bind, look)


def test_a_cleared_token_ends_the_login_and_the_app_begins_at_the_welcome(play):
    async def act(phone):
        await _at_the_settings(phone)
        await phone.tap(CLEAR_TOKEN)
        await phone.tap("取消")
        await phone.tap(CLEAR_TOKEN)
        await phone.tap("清除")
        await phone.hands.screen("token-cleared")
        await phone.tap("完成")
        await phone.hands.screen("welcome")
        await phone.tap("保安編碼器")
        await phone.hands.see("此電話尚未啟用保安編碼器，請先登入。")

    play(act)


def test_the_main_account_is_chosen_among_those_of_the_phone(play):
    async def act(phone):
        await phone.have_opened()
        await phone.app.log_in("1234-5678", phone.kit.password)
        await phone.app.log_in(phone.kit.account, phone.kit.password)
        await phone.tap("鉅亨證券 2")
        await phone.tap("設定")
        await phone.tap(f"設定主要帳戶 {phone.kit.account}")
        await phone.tap("1234-5678 選擇")
        await phone.hands.see("1234-5678 主要帳戶")
        await phone.hands.back()
        await phone.tap("登出")
        await phone.tap("登入")
        await phone.hands.see("1234-5678")

    play(act)


def test_language_and_looks_are_changed_under_the_fingers(play):
    async def act(phone):
        await _at_the_settings(phone)
        await phone.tap("一般設定")
        await phone.tap("外觀")
        await phone.hands.see("淺色")
        await phone.tap("語言")
        await phone.hands.see("Appearance")
        await phone.hands.tap("Account")
        await phone.hands.see("Investment account")
        assert phone.world.server.languages[-1] == "zh-Hant"
        await phone.hands.tap("Log out")
        await phone.hands.screen("welcome")

    play(act)


def test_a_clock_that_is_off_is_shown_where_it_matters(play):
    async def act(phone):
        await phone.have_opened()
        phone.phone.clock_offset_seconds = 3600
        await phone.app.log_in(phone.kit.account, phone.kit.password)
        await phone.tap("鉅亨證券 2")
        await phone.hands.see("電話的時間快了約60分鐘")
        phone.phone.clock_offset_seconds = 0
        await phone.hands.back()
        await phone.tap("鉅亨證券 2")
        await phone.hands.see_not("電話的時間")

    play(act)


def test_a_locked_token_is_shown_with_the_way_out(play):
    async def act(phone):
        await _at_the_settings(phone)
        phone.world.server.locked.add(phone.kit.account)
        await phone.hands.back()
        await phone.tap("設定")
        await phone.hands.see("✘ 已鎖定")
        await phone.tap(TOKEN_SERVICE)
        await phone.hands.see("請致電客戶服務部解鎖")
        await phone.tap("開啟保安編碼器")
        await phone.hands.see("保安編碼器已鎖定")

    play(act)


@pytest.mark.parametrize("policy", RootedPolicy)
def test_a_rooted_phone_is_warned_or_refused(play, world, policy):
    async def act(phone):
        phone.phone.change(replace(phone.phone.settings, rooted=True))
        await phone.be_at_the_welcome()
        await phone.hands.see("此電話已越獄")

    async def be_refused(phone):
        view = phone.hands._view
        view.securities = SecuritiesApp(phone.phone, phone.app._workings.api, rooted=policy)
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("barred")
        await phone.hands.see("本程式不能在此電話上使用")
        await phone.hands.back()
        await phone.hands.screen("home")

    play(*((act, be_refused) if policy is RootedPolicy.REFUSE else (act,)))


def test_a_message_that_could_not_be_sent_is_told_to_who_waits_for_it(play, clock):
    async def act(phone):
        await phone.be_logged_in()
        await phone.app.start_enrolment()
        await phone.tap("鉅亨證券 2")
        await phone.tap("保安編碼器")
        await phone.hands.screen("sms-code")
        told = {"step": "sms-code", "sent_to": "+852 •••• 0101", "message": "given-up"}
        phone.world.server.answer_instead = lambda request: (
            httpx.Response(200, json=told) if request.method == "GET" else None
        )
        asyncio.get_running_loop().call_soon(setattr, clock, "at", clock.at + 5)
        await phone.hands.see("訊息未能送出")
        await phone.tap("重新發送")
        await phone.hands.see_not("訊息未能送出")

    play(act)
