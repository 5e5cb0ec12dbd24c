"""The customer's way through the app on the phone's screens (M9-M19, M24, M29)."""

import asyncio
from datetime import UTC, datetime

import httpx


def test_a_new_customer_binds_the_token_by_qr_code(play):
    async def act(phone):
        await phone.open_the_first_time()
        await phone.log_in()
        await phone.hands.screen("offer-token")
        await phone.tap("啟用")
        await phone.hands.screen("consent")
        await phone.tap("同意")
        await phone.hands.screen("sms-code")
        await phone.hands.see("+852 •••• 0101")
        await phone.type("6位數字驗證碼", phone.world.enrolment().sms_code)
        await phone.tap("啟用")
        await phone.hands.screen("choose-pin")
        await phone.choose_the_pin()
        await phone.hands.screen("binding-choice")
        await phone.hands.see("ch••••@example.com")
        await phone.tap("掃描二維碼")
        await phone.hands.scan(phone.qr())
        await phone.hands.screen("token-bound")
        await phone.hands.see("保安編碼器已成功啟用")
        await phone.tap("完成")
        await phone.hands.screen("account")
        assert len(phone.world.server.active[phone.kit.account]) == 1

    play(act)


def test_a_new_customer_binds_the_token_by_copying_the_registration_code(play):
    async def act(phone):
        await phone.be_at_the_binding()
        phone.phone.deliver_mail(phone.mail(text=f"註冊編碼：{phone.registration_code}"))
        await phone.tap("保安編碼器註冊資料")
        await phone.hands.screen("mail")
        await phone.tap("複製")
        assert phone.phone.clipboard == phone.registration_code
        await phone.hands.back()
        await phone.hands.screen("binding-choice")
        await phone.tap("輸入用戶登入名稱及註冊編碼")
        await phone.type("用戶登入名稱", phone.kit.account)
        await phone.tap("貼上")
        await phone.hands.see(phone.registration_code)
        await phone.tap("確定")
        await phone.hands.screen("token-bound")

    play(act)


def test_refusing_notifications_does_not_end_the_journey(play):
    async def act(phone):
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("notification-permission")
        await phone.tap("不允許")
        await phone.hands.screen("disclaimer")
        assert phone.phone.notifications_allowed is False

    play(act)


def test_the_first_start_goes_on_after_a_restart_where_it_stopped(play):
    async def begin(phone):
        await phone.tap("鉅亨證券 2")
        await phone.tap("允許")
        await phone.hands.screen("disclaimer")

    async def go_on(phone):
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("disclaimer")
        await phone.tap("我明白及同意")
        await phone.hands.screen("tutorial")

    play(begin, go_on)


def test_a_refused_login_stays_on_the_screen_and_says_why(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        await phone.tap("登入")
        await phone.type("用戶名稱", phone.kit.account)
        await phone.type("密碼", "Wrong0000")
        await phone.tap("登入")
        await phone.hands.see("login-refused")
        assert phone.hands.screen_name == "login"

    play(act)


def test_an_error_stands_under_its_field_until_the_field_changes(play):
    async def act(phone):
        await phone.be_logged_in()
        await phone.app.start_enrolment()
        await phone.app.confirm_sms_code(phone.world.enrolment().sms_code)
        await phone.tap("鉅亨證券 2")
        await phone.tap("保安編碼器")
        await phone.type("保安編碼器密碼", "111111")
        await phone.type("確認保安編碼器密碼", "111111")
        await phone.tap("確定")
        await phone.hands.see("保安編碼器密碼不可使用重複的數字。請另選密碼。")
        lines = [line.strip("│ ") for line in phone.hands.lines()]
        field = next(number for number, line in enumerate(lines) if "─ 保安編碼器密碼 ─" in line)
        assert lines[field + 3].startswith("✘ 保安編碼器密碼不可使用重複的數字")
        await phone.type("確認保安編碼器密碼", "222222")
        await phone.hands.see("不可使用重複")
        await phone.type("保安編碼器密碼", "240719")
        await phone.hands.see_not("不可使用重複")

    play(act)


def test_a_new_sms_code_can_be_asked_for(play):
    async def act(phone):
        await phone.be_logged_in()
        await phone.tap("鉅亨證券 2")
        await phone.tap("保安編碼器")
        await phone.tap("啟用")
        await phone.tap("同意")
        await phone.hands.screen("sms-code")
        first = phone.world.enrolment().sms_code
        await phone.type("6位數字驗證碼", first)
        await phone.tap("重新發送")
        await phone.hands.see("已重新發送")
        assert first not in phone.hands.texts()
        await phone.type("6位數字驗證碼", phone.world.enrolment().sms_code)
        await phone.tap("啟用")
        await phone.hands.screen("choose-pin")

    play(act)


def test_later_leads_to_the_account_and_the_tile_back_to_the_offer(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        await phone.log_in()
        await phone.tap("稍後")
        await phone.hands.screen("account")
        await phone.hands.see("保安編碼器尚未啟用")
        await phone.tap("保安編碼器")
        await phone.hands.screen("offer-token")

    play(act)


def test_after_a_restart_the_enrolment_goes_on_with_the_earlier_mail(play):
    async def begin(phone):
        await phone.be_at_the_binding()
        phone.phone.deliver_mail(phone.mail(pictures=(phone.qr(),)))

    async def go_on(phone):
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("welcome")
        await phone.log_in()
        await phone.hands.screen("account")
        await phone.tap("保安編碼器")
        await phone.hands.screen("choose-pin")
        await phone.choose_the_pin()
        await phone.hands.screen("binding-choice")
        await phone.tap("掃描二維碼")
        await phone.hands.screen("camera")
        await phone.tap("用電郵中的圖片")
        await phone.hands.screen("token-bound")

    play(begin, go_on)


def test_a_lost_answer_leads_to_a_screen_that_finishes_the_binding(play):
    async def act(phone):
        await phone.be_at_the_binding()
        server = phone.world.server

        def lose_the_answer(request):
            if not request.url.path.endswith("/enrolment/binding"):
                return
            server.answer_instead = lambda _: None
            raise httpx.ReadTimeout("the answer was lost", request=request)

        server.answer_instead = lose_the_answer
        await phone.tap("掃描二維碼")
        await phone.hands.scan(phone.qr())
        await phone.hands.screen("notice")
        await phone.hands.see("伺服器沒有回應")
        await phone.tap("繼續")
        await phone.hands.screen("token-bound")

    play(act)


def test_without_a_network_the_customer_is_told_and_can_go_on_afterwards(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        phone.phone.network_on = False
        await phone.hands.see("無網絡")
        await phone.log_in()
        await phone.hands.see("電話沒有連接網絡")
        phone.phone.network_on = True
        await phone.tap("登入")
        await phone.hands.screen("offer-token")

    play(act)


def test_an_ended_session_leads_to_the_login_and_says_so(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        await phone.log_in()
        await phone.hands.screen("offer-token")
        phone.world.server.sessions.clear()
        await phone.tap("啟用")
        await phone.tap("同意")
        await phone.hands.screen("welcome")
        await phone.hands.see("not-logged-in")

    play(act)


def test_the_way_back_ends_what_waits_for_the_server(play):
    async def act(phone):
        await phone.be_logged_in()
        await phone.tap("鉅亨證券 2")
        await phone.tap("保安編碼器")
        await phone.tap("啟用")
        held = asyncio.Event()

        async def hold(request):
            await held.wait()
            raise httpx.ReadError("closed", request=request)

        phone.app._workings.api._client._transport.handler = hold
        await phone.tap("同意")
        assert phone.hands.screen_name == "consent"
        await phone.hands.back()
        await phone.hands.screen("offer-token")
        assert not phone.hands._view.waits_for_others
        phone.app._workings.api._client._transport.handler = phone.world.server.answer
        await phone.tap("啟用")
        await phone.tap("同意")
        await phone.hands.screen("sms-code")

    play(act)


def test_an_app_that_was_left_while_it_waits_goes_on_behind_and_is_found_there(play):
    async def act(phone):
        await phone.be_logged_in()
        await phone.tap("鉅亨證券 2")
        await phone.tap("保安編碼器")
        await phone.tap("啟用")
        let_go, transport = asyncio.Event(), phone.app._workings.api._client._transport

        async def hold(request):
            await let_go.wait()
            return await phone.world.server.answer(request)

        transport.handler = hold
        await phone.tap("同意")
        await phone.hands.home()
        await phone.hands.screen("home")
        let_go.set()
        await phone.tap("短訊")
        await phone.hands.screen("texts")
        await phone.hands.home()
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("sms-code")

    play(act)


def test_with_the_token_enabled_account_and_password_are_all(play):
    async def bind(phone):
        await phone.be_bound()

    async def log_in(phone):
        await phone.tap("鉅亨證券 2")
        await phone.log_in()
        await phone.hands.screen("account")
        await phone.hands.see("保安編碼器已啟用")
        await phone.tap("設定")
        await phone.tap("登出")
        await phone.hands.screen("welcome")

    play(bind, log_in)


def test_the_code_is_the_servers_and_counts_down_to_the_next(play, clock):
    async def act(phone):
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        token = phone.world.server.active[phone.kit.account][0]
        first = await phone.show_the_code()
        assert phone.world.server.takes(token, first)
        whole = f"{30 - int(datetime.fromtimestamp(clock.at, UTC).timestamp()) % 30} 秒"
        assert whole in phone.hands.texts()
        clock.at += 10
        assert "20 秒" in phone.hands.texts()
        assert await phone.hands.code() == first
        await phone.tap("完成")
        await phone.show_the_code()
        clock.at += 25
        second = await phone.hands.code()
        assert second != first
        assert "25 秒" in phone.hands.texts()
        assert phone.world.server.takes(token, second)
        clock.at += 60
        assert not phone.world.server.takes(token, first)


def test_the_code_is_hidden_after_half_a_minute_and_asked_for_anew(play, clock):
    async def act(phone):
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        code = await phone.show_the_code()
        clock.at += 29
        assert code in phone.hands.texts()
        clock.at += 1
        assert code not in phone.hands.texts()
        await phone.hands.see("驗證碼已隱藏")
        assert not next(label for label in phone.hands.labels() if label.text == "複製").enabled
        clock.at -= 30
        await phone.hands.see("驗證碼已隱藏")
        clock.at += 30
        await phone.tap("再次顯示")
        await phone.hands.screen("token-pin")

    play(act)


def test_the_token_works_without_login_and_without_network(play):
    async def bind(phone):
        await phone.be_bound()

    async def read(phone):
        phone.phone.network_on = False
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("welcome")
        code = await phone.show_the_code()
        assert phone.world.server.takes(phone.world.server.active[phone.kit.account][0], code)
        await phone.tap("完成")
        await phone.hands.screen("welcome")

    play(bind, read)


def test_a_wrong_pin_looks_like_a_right_one(play):
    async def act(phone):
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        right = await phone.show_the_code()
        screen = [text for text in phone.hands.texts() if text != right]
        await phone.tap("完成")
        wrong = await phone.show_the_code("918273")
        assert wrong != right
        assert [text for text in phone.hands.texts() if text != wrong] == screen

    play(act)


def test_the_code_is_gone_once_its_screen_was_left(play):
    async def act(phone):
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        await phone.show_the_code()
        await phone.hands.home()
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("account")
        await phone.tap("保安編碼器")
        await phone.hands.screen("token-pin")

    play(act)


def test_after_the_binding_the_app_opens_at_the_account(play):
    async def act(phone):
        await phone.be_at_the_binding()
        await phone.tap("掃描二維碼")
        await phone.hands.scan(phone.qr())
        await phone.hands.screen("token-bound")
        await phone.hands.home()
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("account")

    play(act)


def test_damaged_data_can_be_cleared_and_the_app_begins_anew(play, world):
    async def bind(phone):
        await phone.be_bound()

    async def clear(phone):
        await phone.tap("鉅亨證券 2")
        await phone.tap("保安編碼器")
        await phone.hands.screen("notice")
        await phone.tap("清除資料")
        await phone.hands.screen("notification-permission")

    play(bind)
    for path in world.folder.rglob("*"):
        if path.is_file() and path.name not in {"phone.json", "lock"} and "lock" not in path.name:
            path.write_bytes(b"not what was written")
    play(clear)
