"""The Authenticator on the phone's screen: scanned and typed accounts, their codes, and what is refused."""

import re

import pytest
from rich.cells import cell_len

HAN = re.compile(r"[\u4e00-\u9fff]")
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The seed of RFC 4226 and RFC 6238, in base32."""

TOTP = f"otpauth://totp/GitHub:chan?secret={SECRET}&issuer=GitHub&digits=8"
HOTP = f"otpauth://hotp/chan?secret={SECRET}&counter=0"


async def _scan(phone, address: str) -> None:
    await phone.hands.home()
    await phone.tap("相機")
    await phone.hands.scan(phone.kit.qr_png(address))


def test_a_scanned_account_is_shown_before_it_is_added_and_gives_the_codes_of_rfc_6238(play, clock):
    clock.at = 1111111109.0

    async def act(phone):
        await _scan(phone, TOTP)
        await phone.hands.screen("authenticator-confirm")
        await phone.hands.see("TOTP · SHA-1 · 8位數字 · 30 秒")
        await phone.tap("加入")
        await phone.hands.tap("GitHub: chan")
        assert await phone.hands.code() == "07081804"
        await phone.hands.see("下一個驗證碼 140 504 71")
        await phone.hands.see("1 秒")
        clock.at += 2
        await phone.hands.see("14050471")
        await phone.tap("複製")
        assert phone.phone.clipboard == "14050471"
        lines = phone.hands.lines()
        assert {cell_len(line) for line in lines} == {44}
        assert "······" in phone.hands.picture(covered=True)
        assert "140 504 71" not in phone.hands.picture(covered=True)

    play(act)


def test_a_counted_account_gives_a_code_each_time_it_is_asked(play):
    async def act(phone):
        await _scan(phone, HOTP)
        await phone.tap("加入")
        await phone.hands.tap("chan")
        await phone.tap("複製")
        await phone.hands.see("請先按「下一個」。")
        for code in ("755224", "287082"):
            await phone.tap("下一個")
            assert await phone.hands.code() == code

    play(act)


def test_a_key_is_typed_with_all_that_can_be_chosen(play, clock):
    clock.at = 1111111080.0

    async def act(phone):
        await phone.tap("Authenticator")
        await phone.hands.see("沒有帳戶")
        await phone.tap("輸入密鑰")
        await phone.tap("加入")
        await phone.hands.see("沒有密鑰。請輸入網站顯示的密鑰。")
        await phone.type("密鑰，或 otpauth:// 連結", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq")
        await phone.tap("加入")
        await phone.hands.see("帳戶名稱欠缺")
        await phone.type("帳戶名稱", "陳大文")
        for choice in ("演算法", "演算法", "位數", "週期"):
            await phone.tap(choice)
        await phone.tap("加入")
        await phone.hands.tap("陳大文")
        account = phone.hands._view.authenticator.accounts[0]
        assert (account.key.algorithm, account.key.digits, account.key.period_seconds) == ("sha512", 7, 60)
        await phone.hands.see("60 秒")

    play(act)


def test_an_address_may_be_pasted_in_place_of_a_key(play):
    async def act(phone):
        await phone.tap("Authenticator")
        await phone.tap("輸入密鑰")
        phone.phone.clipboard = TOTP
        await phone.tap("貼上")
        await phone.tap("加入")
        await phone.hands.see("GitHub: chan")
        await phone.tap("輸入密鑰")
        phone.phone.clipboard = TOTP
        await phone.tap("貼上")
        await phone.tap("加入")
        await phone.hands.see("此密鑰已在 Authenticator 中。")

    play(act)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("otpauth-migration://offline?data=x", "這是其他驗證器匯出的一批帳戶"),
        ("otpauth://totp/chan?secret=ABC18", "密鑰不正確"),
        ("otpauth://steam/chan?secret=ABC", "此帳戶不是 TOTP 或 HOTP 種類"),
        (f"{TOTP}&digits=4", "此二維碼或連結已損毀或不完整"),
    ],
)
def test_a_damaged_or_foreign_code_is_explained_at_the_camera(play, address, why):
    async def act(phone):
        await _scan(phone, address)
        await phone.hands.see(why)
        await phone.hands.screen("camera")

    play(act)


def test_an_account_is_renamed_and_removed_after_a_last_question(play):
    async def act(phone):
        await _scan(phone, TOTP)
        await phone.tap("加入")
        await phone.hands.tap("GitHub: chan")
        await phone.tap("重新命名")
        await phone.type("帳戶名稱", " ")
        await phone.tap("確定")
        await phone.hands.see("帳戶名稱欠缺")
        await phone.type("帳戶名稱", "wong")
        await phone.tap("確定")
        await phone.hands.see("wong")
        await phone.tap("刪除")
        await phone.tap("取消")
        await phone.tap("刪除")
        await phone.tap("刪除")
        await phone.hands.see("沒有帳戶")

    play(act)


def test_damaged_accounts_have_a_screen_of_their_own_and_a_way_out(play, world):
    async def spoil(phone):
        await _scan(phone, TOTP)
        await phone.tap("加入")
        (world.folder / "authenticator.json").write_bytes(b"cut")

    async def mend(phone):
        await _scan(phone, HOTP)
        await phone.hands.screen("authenticator-damaged")
        await phone.tap("清除資料")
        await phone.hands.see("沒有帳戶")

    play(spoil, mend)


@pytest.mark.parametrize(("language", "size"), [("zh-Hant", (80, 24)), ("en", (44, 40))])
def test_each_of_its_screens_fits_the_phone_and_speaks_its_language(play, world, language, size):
    world.language = language

    async def act(phone):
        async def look(name: str) -> None:
            await phone.hands.screen(name)
            lines = phone.hands.lines()
            assert {cell_len(line) for line in lines} == {44}
            if language == "en":
                assert not HAN.search("\n".join((*lines, *phone.hands.texts())))

        await phone.tap("Authenticator")
        await look("authenticator")
        await phone.tap("輸入密鑰")
        await look("authenticator-add")
        await _scan(phone, TOTP)
        await look("authenticator-confirm")
        await phone.tap("加入")
        await phone.hands.tap("GitHub: chan")
        await look("authenticator-code")
        await phone.tap("重新命名")
        await look("authenticator-rename")
        await phone.hands.back()
        await phone.tap("刪除")
        await look("authenticator-remove")

    play(act, size=size)
