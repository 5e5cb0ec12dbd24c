"""The phone as lines of text: what it says, and that it obeys."""

from collections.abc import Callable

import pytest

from simulator.read_aloud import ReadAloud


@pytest.fixture
def read_out(play):
    """Type lines into a phone that is read out; gives what it said, one text for each line asked for.

    In place of a line may stand what is done to the phone while it waits for an empty one.
    """

    def run(lines: list[str | Callable[[object], None]], before=None) -> tuple[list[str], list[tuple[str, bool]]]:
        said, asked = [""], []

        async def act(phone):
            if before is not None:
                await before(phone)
            typed = iter(lines)

            async def ask(prompt: str, secret: bool) -> str | None:
                asked.append((prompt, secret))
                said.append("")
                line = next(typed, None)
                if callable(line):
                    line(phone)
                    return ""
                return line

            def tell(line: str) -> None:
                said[-1] += line + "\n"

            await ReadAloud(phone.phone, phone.hands, ask=ask, tell=tell).play(ended=lambda: False)

        play(act)
        return said, asked

    return run


def test_the_screen_is_read_from_top_to_bottom_and_what_can_be_touched_is_numbered(read_out):
    said, _ = read_out([])
    assert said[0].splitlines() == [
        "輸入編號以按下或填寫；? 說明。",
        "",
        "16:00",
        "1. 鉅亨證券 2",
        "2. 電郵",
        "3. 短訊",
        "4. 相機",
        "5. Authenticator",
        "6. App 商店",
        "7. 設定",
    ]


def test_a_number_presses_and_letters_go_back_home_and_to_the_notifications(read_out):
    said, _ = read_out(["2", "b", "n", "h", "", "?", "q"])
    heads = ["沒有電郵", "鉅亨證券 2", "沒有通知", "鉅亨證券 2", "鉅亨證券 2", "編號：按下或填寫。"]
    assert len(said) == 8
    for text, head in zip(said[1:], heads, strict=False):
        assert head in text


@pytest.mark.parametrize("line", ["0", "99", "-1", "１", "1.", "x"])
def test_what_is_no_number_of_the_list_presses_nothing(read_out, line):
    said, _ = read_out([line])
    assert "沒有此編號" in said[1]
    assert "1. 鉅亨證券 2" in said[1]


def test_a_field_is_asked_for_by_its_label_and_a_secret_is_asked_for_as_one(read_out):
    async def to_the_login(phone):
        await phone.be_at_the_welcome()
        await phone.tap("登入")

    said, asked = read_out(["2", "9999-9990", "3", "Abcdefg1", "5"], before=to_the_login)
    assert asked[1] == ("用戶名稱: ", False)
    assert asked[3] == ("密碼: ", True)
    assert "9999-9990" in said[2]
    assert "Abcdefg1" not in "".join(said)
    assert "••••••••" in said[4]
    assert "啟用保安編碼器" in said[5]


def test_what_comes_is_announced_at_once_and_only_once(read_out):
    said, _ = read_out([lambda phone: phone.phone.deliver_text(phone.text()), ""])
    assert said[1].splitlines()[0].startswith("新通知: 鉅亨證券: 啟用保安編碼器的驗證碼是 281704")
    assert "新通知" not in said[2]


def test_nothing_of_a_message_reaches_the_terminal_that_it_would_obey(read_out):
    async def deliver(phone):
        phone.phone.deliver_text(phone.text(text="\x1b[31mred\x07"))

    said, _ = read_out(["3", "2", "b"], before=deliver)
    assert "\x1b" not in "".join(said)
    assert "\x07" not in "".join(said)
