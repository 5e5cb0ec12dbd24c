"""The broker's app against an honest server: the manual's enrolment and login, and every way to be told no."""

import asyncio
from io import BytesIO

import httpx
import pytest
from PIL import Image

from simulator.securities.app import AppRefusal, EnrolmentStep, Field, LoginState, SessionEnded, TokenState
from simulator.securities.states import TokenEnd


def test_a_customer_enrols_by_typed_code_and_the_server_takes_the_phones_codes(world, kit):
    async def play(app):
        session = await app.log_in(kit.account, kit.password)
        assert session.state is LoginState.SET_UP_TOKEN
        assert app.token is TokenState.NONE
        assert app.enrolment_step is EnrolmentStep.NONE
        await app.start_enrolment()
        assert app.enrolment_step is EnrolmentStep.SMS_CODE
        assert app.sent_to == "+852 •••• 0101"
        assert app.token is TokenState.PENDING
        await app.confirm_sms_code(world.enrolment().sms_code)
        assert app.enrolment_step is EnrolmentStep.CHOOSE_PIN
        assert app.needs_pin
        await app.choose_pin(kit.pin, kit.pin)
        assert app.enrolment_step is EnrolmentStep.REGISTRATION
        await app.request_registration()
        assert app.enrolment_step is EnrolmentStep.BINDING
        assert app.sent_to == "ch••••@example.com"
        code = world.enrolment().registration_code
        await app.bind_with_code(kit.account, "-".join(code[at : at + 5] for at in range(0, 20, 5)).lower())
        assert app.enrolment_step is EnrolmentStep.ACTIVE
        assert app.token is TokenState.ACTIVE
        assert app.session.state is LoginState.LOGGED_IN
        shown = await app.token_code(kit.pin)
        assert world.server.takes(world.server.active[kit.account][0], shown.code)
        assert shown.valid_from <= world.clock.at < shown.valid_until == shown.valid_from + 30

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_customer_enrols_by_the_qr_code_in_a_picture(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        text = world.server.registration_text(world.enrolment().registration_code)
        await app.bind_with_picture(kit.qr_png(text))
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))


def test_after_a_restart_the_password_alone_logs_in_and_the_token_is_there(world, kit):
    with world.opened() as app:
        asyncio.run(kit.to_the_end(world, app))

    async def play(app):
        assert app.session is None
        assert app.last_account == kit.account
        assert app.token is TokenState.ACTIVE
        session = await app.log_in("99999990", kit.password)
        assert session.state is LoginState.LOGGED_IN
        assert app.enrolment_step is EnrolmentStep.ACTIVE
        shown = await app.token_code(kit.pin)
        assert world.server.takes(world.server.active[kit.account][0], shown.code)

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_wrong_pin_gives_another_code_of_six_digits_and_no_error(world, kit):
    async def play(app):
        await kit.to_the_end(world, app)
        right = await app.token_code(kit.pin)
        wrong = [(await app.token_code(pin)).code for pin in ("240710", "000000")]
        assert all(code.isascii() and code.isdecimal() and len(code) == 6 for code in wrong)
        # Both equal to the right one by chance: once in 10^12.
        assert {right.code} != set(wrong)
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_pin_that_is_not_six_digits_gives_no_code(world, kit):
    async def play(app):
        await kit.to_the_end(world, app)
        for pin in ("", "12345", "1234567", "24071９", "24 719", "240719\n", "+40719"):
            with pytest.raises(AppRefusal) as refusal:
                await app.token_code(pin)
            assert refusal.value.field is Field.PIN

    with world.opened() as app:
        asyncio.run(play(app))


def test_the_pin_never_leaves_the_phone_and_is_not_in_its_storage(world, kit):
    with world.opened() as app:
        asyncio.run(kit.to_the_end(world, app))
    assert kit.pin not in repr(world.server.received)
    stored = [path.read_text(errors="replace") for path in world.folder.rglob("*") if path.is_file()]
    assert stored
    assert not any(kit.pin in content for content in stored)


def test_neither_seed_nor_ephemeral_key_nor_registration_code_is_readable_in_the_storage(world, kit):
    with world.opened() as app:
        asyncio.run(kit.to_the_code(world, app))
        code = world.enrolment().registration_code
        world.server.answer_instead = _gone_at("/enrolment/activation")
        with pytest.raises(AppRefusal):
            asyncio.run(app.bind_with_code(kit.account, code))
    pending = (world.folder / "securities.json").read_bytes()
    assert code.encode() not in pending
    assert world.enrolment().pending.seed.hex().encode() not in pending


def test_a_wrong_password_is_refused_in_the_servers_words(world, kit):
    with world.opened() as app:
        with pytest.raises(AppRefusal, match="login-refused。"):
            asyncio.run(app.log_in(kit.account, "Wrong0000"))
        assert app.session is None


@pytest.mark.parametrize(
    ("account", "password", "field"),
    [("  ", "Abcdefg1", Field.ACCOUNT), ("9", "", Field.PASSWORD), ("9", "a\ud800", Field.PASSWORD)],
)
def test_an_empty_login_field_is_caught_and_nothing_is_sent(world, account, password, field):
    with world.opened() as app:
        with pytest.raises(AppRefusal) as refusal:
            asyncio.run(app.log_in(account, password))
        assert refusal.value.field is field
    assert world.server.received == []


def test_a_wrong_sms_code_is_refused_under_its_field_and_a_new_one_works(world, kit):
    async def play(app):
        await app.log_in(kit.account, kit.password)
        await app.start_enrolment()
        first = world.enrolment().sms_code
        wrong = "000000" if first != "000000" else "000001"
        with pytest.raises(AppRefusal) as refusal:
            await app.confirm_sms_code(wrong)
        assert refusal.value.field is Field.SMS_CODE
        await app.resend_activation_code()
        await app.confirm_sms_code(f" {world.enrolment().sms_code} ")
        assert app.enrolment_step is EnrolmentStep.CHOOSE_PIN

    with world.opened() as app:
        asyncio.run(play(app))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "１２３４５６", "12345a", "123 56"])
def test_an_sms_code_that_is_not_six_digits_is_not_sent(world, kit, typed):
    async def play(app):
        await app.log_in(kit.account, kit.password)
        await app.start_enrolment()
        sent = len(world.server.received)
        with pytest.raises(AppRefusal) as refusal:
            await app.confirm_sms_code(typed)
        assert refusal.value.field is Field.SMS_CODE
        assert len(world.server.received) == sent

    with world.opened() as app:
        asyncio.run(play(app))


def test_pins_typed_differently_are_refused_under_the_second_field(world, kit):
    async def play(app):
        await app.log_in(kit.account, kit.password)
        with pytest.raises(AppRefusal) as refusal:
            await app.choose_pin("240719", "240718")
        assert refusal.value.field is Field.PIN_AGAIN

    with world.opened() as app:
        asyncio.run(play(app))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "20個字元"),
        ("AAAAA-BBBBB-CCCCC-DDDD", "20個字元"),
        ("AAAAA-BBBBB-CCCCC-DDDDDD", "20個字元"),
        ("AAAAA-BBBBB-CCCCC-DDD8D", "2至7"),
        ("AAAAA-BBBBB-CCCCC-DDDDÄ", "2至7"),
        ("AAAAA-BBBBB-CCCCC-DDDDD", "輸入有誤"),
    ],
)
def test_a_mistyped_registration_code_is_caught_on_the_phone_and_nothing_is_sent(world, kit, typed, says):
    async def play(app):
        await kit.to_the_code(world, app)
        sent = len(world.server.received)
        with pytest.raises(AppRefusal, match=says) as refusal:
            await app.bind_with_code(kit.account, typed)
        assert refusal.value.field is Field.REGISTRATION_CODE
        assert len(world.server.received) == sent
        assert app.enrolment_step is EnrolmentStep.BINDING

    with world.opened() as app:
        asyncio.run(play(app))


def test_another_account_beside_the_registration_code_is_refused_and_nothing_is_sent(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        sent = len(world.server.received)
        with pytest.raises(AppRefusal) as refusal:
            await app.bind_with_code("1234-5678", world.enrolment().registration_code)
        assert refusal.value.field is Field.ACCOUNT
        assert len(world.server.received) == sent

    with world.opened() as app:
        asyncio.run(play(app))


def test_an_unknown_registration_code_is_refused_and_the_mails_own_still_binds(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        with pytest.raises(AppRefusal) as refusal:
            await app.bind_with_code(kit.account, kit.new_registration_code())
        assert refusal.value.field is Field.REGISTRATION_CODE
        assert app.enrolment_step is EnrolmentStep.BINDING
        await app.bind_with_code(kit.account, world.enrolment().registration_code)
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))


def test_each_unusable_qr_code_is_refused_in_its_own_sentence_and_nothing_is_sent(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        server, code = world.server, world.enrolment().registration_code
        good = server.registration_text(code)
        flipped = good[:-6] + ("A" if good[-6] != "A" else "B") + good[-5:]
        pictures = {
            "簽署不正確": kit.qr_png(flipped),
            "另一個伺服器": kit.qr_png(server.registration_text(code, origin="https://evil.example")),
            "不是保安編碼器": kit.qr_png("https://broker.example/app"),
            "另一版本": kit.qr_png(good.replace("TWOFOLD1?", "TWOFOLD2?")),
            "多於一個": _side_by_side(kit.qr_png(good), kit.qr_png("hello")),
            "沒有二維碼": _white_png(),
            "未能讀取": b"GIF89a and no more",
        }
        sent = len(server.received)
        for says, picture in pictures.items():
            with pytest.raises(AppRefusal, match=says):
                await app.bind_with_picture(picture)
        assert len(server.received) == sent
        await app.bind_with_qr(good)
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_qr_code_signed_by_a_key_of_the_same_name_is_refused(world, kit, clock):
    async def play(app):
        await kit.to_the_code(world, app)
        stranger = type(world.server)(now=clock.now)
        with pytest.raises(AppRefusal, match="簽署不正確"):
            await app.bind_with_qr(stranger.registration_text(world.enrolment().registration_code))
        with pytest.raises(AppRefusal, match="簽署不正確"):
            await app.bind_with_qr(world.server.registration_text(world.enrolment().registration_code, key_id="key-2"))

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_server_that_cannot_confirm_the_key_gets_no_activation_and_the_customer_starts_anew(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        world.server.mangle_binding = lambda answer: answer | {"confirmation": "A" * 43}
        with pytest.raises(AppRefusal, match="未能核實伺服器"):
            await app.bind_with_code(kit.account, world.enrolment().registration_code)
        assert "POST /enrolment/activation" not in world.server.paths()
        assert app.token is TokenState.NONE
        assert app.enrolment_step is EnrolmentStep.NONE
        world.server.mangle_binding = lambda answer: answer
        await app.log_out()
        await kit.to_the_end(world, app)

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_server_key_that_is_no_point_on_the_curve_is_refused(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        world.server.mangle_binding = lambda answer: answer | {"server_ephemeral_key": "B" + "A" * 86}
        with pytest.raises(AppRefusal, match="未能核實伺服器"):
            await app.bind_with_code(kit.account, world.enrolment().registration_code)

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_phone_refuses_a_server_with_another_key_than_the_one_it_saw_first(world, kit, clock):
    with world.opened() as app:
        asyncio.run(app.log_in(kit.account, kit.password))
    world.server = type(world.server)(now=clock.now)
    with world.opened() as app:
        with pytest.raises(AppRefusal, match="密鑰"):
            asyncio.run(app.log_in(kit.account, kit.password))
        assert world.server.paths() == ["GET /server"]


def test_a_phone_refuses_a_server_that_gives_itself_another_address(world, kit):
    world.server.origin = "https://evil.example"
    with world.opened() as app, pytest.raises(AppRefusal, match="身分"):
        asyncio.run(app.log_in(kit.account, kit.password))
    assert world.server.paths() == ["GET /server"]


def test_a_session_that_the_server_has_ended_asks_for_a_new_login(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        world.server.sessions.clear()
        with pytest.raises(SessionEnded):
            await app.request_registration()
        assert app.session is None
        await app.log_in(kit.account, kit.password)
        assert app.enrolment_step is EnrolmentStep.CHOOSE_PIN

    with world.opened() as app:
        asyncio.run(play(app))


def test_without_a_login_nothing_of_the_enrolment_can_be_asked_for(world, kit):
    async def play(app):
        for ask in (app.start_enrolment, app.request_registration, app.finish_binding):
            with pytest.raises(SessionEnded):
                await ask()
        with pytest.raises(SessionEnded):
            await app.bind_with_code(kit.account, kit.new_registration_code())

    with world.opened() as app:
        asyncio.run(play(app))
    assert world.server.received == []


def test_logging_out_ends_the_session_on_the_server_and_on_a_phone_that_cannot_tell_it(world, kit):
    async def play(app):
        await app.log_in(kit.account, kit.password)
        await app.log_out()
        assert app.session is None
        assert world.server.sessions == {}
        await app.log_in(kit.account, kit.password)
        world.server.answer_instead = _gone_at("")
        await app.log_out()
        assert app.session is None

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_token_cleared_by_the_back_office_is_set_up_anew_on_the_same_phone(world, kit):
    with world.opened() as app:
        asyncio.run(kit.to_the_end(world, app))
    world.server.active.clear()
    world.server.enrolments.clear()

    async def play(app):
        session = await app.log_in(kit.account, kit.password)
        assert session.state is LoginState.SET_UP_TOKEN
        assert (app.token, app.token_end) == (TokenState.ENDED, TokenEnd.CLEARED)
        with pytest.raises(AppRefusal, match="尚未啟用"):
            await app.token_code(kit.pin)
        await app.log_out()
        await kit.to_the_end(world, app)

    with world.opened() as app:
        asyncio.run(play(app))


def test_an_older_token_gives_codes_until_the_new_one_is_active(world, kit):
    async def play(app):
        await kit.to_the_end(world, app)
        old = world.server.active[kit.account][0]
        await app.start_enrolment()
        await app.confirm_sms_code(world.enrolment().sms_code)
        assert app.token is TokenState.ACTIVE
        assert app.enrolment_step is EnrolmentStep.CHOOSE_PIN
        assert world.server.takes(old, (await app.token_code(kit.pin)).code)
        await app.choose_pin("583920", "583920")
        await app.request_registration()
        await app.bind_with_code(kit.account, world.enrolment().registration_code)
        new = world.server.active[kit.account][0]
        assert new.token_id != old.token_id
        assert world.server.takes(new, (await app.token_code("583920")).code)

    with world.opened() as app:
        asyncio.run(play(app))


def test_two_customers_on_one_phone_have_a_token_each(world, kit):
    async def play(app):
        await kit.to_the_end(world, app)
        await app.log_out()
        await app.log_in("1234-5678", kit.password)
        assert app.token is TokenState.NONE
        await app.log_out()
        await app.log_in(kit.account, kit.password)
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))


def test_a_clock_that_is_wrong_is_named_when_the_first_code_is_not_accepted_and_can_be_set_right(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        phone = world.phone
        phone.clock_offset_seconds = 90
        with pytest.raises(AppRefusal, match="電話的時間不準確"):
            await app.bind_with_code(kit.account, world.enrolment().registration_code)
        assert app.enrolment_step is EnrolmentStep.FINISH
        phone.clock_offset_seconds = 0
        await app.finish_binding()
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))


def test_refusals_are_in_the_phones_language_and_the_server_is_asked_for_it(world, kit):
    world.language = "en"

    async def play(app):
        await kit.to_the_code(world, app)
        with pytest.raises(AppRefusal, match="A registration code has 20 characters"):
            await app.bind_with_code(kit.account, "AAAAA")

    with world.opened() as app:
        asyncio.run(play(app))
    assert set(world.server.languages) == {"en"}


def test_a_button_pressed_twice_binds_once(world, kit):
    async def play(app):
        await kit.to_the_code(world, app)
        code = world.enrolment().registration_code
        outcomes = await asyncio.gather(
            app.bind_with_code(kit.account, code), app.bind_with_code(kit.account, code), return_exceptions=True
        )
        assert outcomes == [None, None]
        assert len(world.server.active[kit.account]) == 1
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))


def _gone_at(end_of_path):
    def instead(request):
        if request.url.path.endswith(end_of_path):
            raise httpx.ConnectError("nobody there")

    return instead


def _side_by_side(one, other):
    left, right = Image.open(BytesIO(one)).convert("L"), Image.open(BytesIO(other)).convert("L")
    both = Image.new("L", (left.width + right.width, max(left.height, right.height)), 255)
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    file = BytesIO()
    both.save(file, "PNG")
    return file.getvalue()


def _white_png():
    file = BytesIO()
    Image.new("L", (200, 200), 255).save(file, "PNG")
    return file.getvalue()
