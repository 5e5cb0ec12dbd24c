"""The inbox: numbers, waiting, bookmarks, listeners."""

import asyncio

import pytest

from fake_gateways.inbox import NothingCame


def test_messages_are_numbered_from_one_in_the_order_of_their_arrival(inbox, a_text, a_mail):
    assert [inbox.put(a_text()), inbox.put(a_mail()), inbox.put(a_text())] == [1, 2, 3]
    assert [message.number for message in inbox.messages()] == [1, 2, 3]
    assert [message.kind for message in inbox.messages()] == ["sms", "mail", "sms"]


def test_a_bookmark_parts_old_messages_from_new_ones(inbox, a_text):
    assert inbox.bookmark == 0
    inbox.put(a_text())
    place = inbox.bookmark
    inbox.put(a_text(text="new"))
    assert [message.text for message in inbox.messages(after=place)] == ["new"]
    assert inbox.messages(after=99) == ()
    assert len(inbox.messages(after=-1)) == 2


def test_a_message_is_found_by_its_number_and_no_other(inbox, a_text):
    inbox.put(a_text())
    assert inbox.message(1) is inbox.messages()[0]
    assert inbox.message(0) is None
    assert inbox.message(-1) is None
    assert inbox.message(2) is None


def test_a_message_that_is_there_already_ends_the_wait_at_once(inbox, a_text, played):
    inbox.put(a_text(text="first"))
    inbox.put(a_text(text="second"))
    found = played(inbox.wait_for(lambda message: message.text == "second", patience_seconds=0))
    assert found.number == 2


def test_a_message_that_comes_while_somebody_waits_wakes_them(inbox, a_text, played):
    async def story():
        async with asyncio.TaskGroup() as group:
            waiter = group.create_task(inbox.wait_for(lambda message: message.text == "right", patience_seconds=20))
            await asyncio.sleep(0)
            inbox.put(a_text(text="wrong"))
            inbox.put(a_text(text="right"))
        return waiter.result().number

    assert played(story()) == 2


def test_what_stood_before_the_bookmark_is_not_taken_for_the_answer(inbox, a_text, played):
    inbox.put(a_text())
    with pytest.raises(NothingCame) as nothing:
        played(inbox.wait_for(lambda _: True, after=1, patience_seconds=0, wanted="SMS for +852 5555 0101"))
    assert str(nothing.value) == "no SMS for +852 5555 0101 in 0 s; the inbox holds 1 from before, for +852 5555 0101"


def test_nothing_came_says_what_was_there_instead(inbox, a_text, played):
    inbox.put(a_text("+852 5555 0177"))
    inbox.put(a_text("+852 5555 0177"))
    with pytest.raises(NothingCame) as nothing:
        played(inbox.wait_for(lambda _: False, patience_seconds=0.01, wanted="SMS for +852 5555 0101"))
    assert str(nothing.value) == "no SMS for +852 5555 0101 in 0.01 s; the inbox holds 2, both for +852 5555 0177"
    assert [message.number for message in nothing.value.there] == [1, 2]


def test_nothing_came_tells_apart_what_is_for_whom(inbox, a_text, a_mail, played):
    for _ in range(2):
        inbox.put(a_text())
    inbox.put(a_mail())
    with pytest.raises(NothingCame, match=r"holds 3, 2 for \+852 5555 0101, 1 for chan@example\.com$"):
        played(inbox.wait_for(lambda _: False, patience_seconds=0))


def test_nothing_came_to_an_empty_inbox(inbox, played):
    with pytest.raises(NothingCame, match=r"^no mail for wong@example\.com in 0 s; the inbox is empty$"):
        played(inbox.wait_for(lambda _: True, patience_seconds=0, wanted="mail for wong@example.com"))


def test_nothing_came_does_not_tell_what_the_messages_say(inbox, a_text, played):
    inbox.put(a_text(text="your code is 281704"))
    with pytest.raises(NothingCame) as nothing:
        played(inbox.wait_for(lambda _: False, patience_seconds=0))
    assert "281704" not in f"{nothing.value!r} {nothing.value.there!r}"


def test_a_match_that_raises_is_the_waiters_trouble_and_not_the_senders(inbox, a_text, played):
    async def story():
        waiter = asyncio.ensure_future(inbox.wait_for(lambda message: message.text[99] == "x", patience_seconds=20))
        await asyncio.sleep(0)
        assert inbox.put(a_text()) == 1
        with pytest.raises(IndexError):
            await waiter

    played(story())


def test_a_timeout_of_the_match_itself_is_not_taken_for_lost_patience(inbox, a_text, played):
    def raises(_message):
        raise TimeoutError("of its own")

    inbox.put(a_text())
    with pytest.raises(TimeoutError, match="of its own"):
        played(inbox.wait_for(raises, patience_seconds=20))


def test_a_listener_hears_what_comes_until_it_unsubscribes(inbox, a_text, played):
    heard = []

    async def story():
        inbox.put(a_text(text="before"))
        unsubscribe = inbox.subscribe(lambda message: heard.append(message.text))
        inbox.put(a_text(text="one"))
        inbox.put(a_text(text="two"))
        await asyncio.sleep(0)
        inbox.put(a_text(text="too late to be told"))
        unsubscribe()
        unsubscribe()
        await asyncio.sleep(0)

    played(story())
    assert heard == ["one", "two"]


def test_a_listener_that_raises_neither_stops_the_message_nor_hides_its_mistake(inbox, a_text, played):
    mistakes = []

    async def story():
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: mistakes.append(context["exception"]))
        heard = []
        inbox.subscribe(lambda _message: 1 / 0)
        inbox.subscribe(heard.append)
        assert inbox.put(a_text()) == 1
        await asyncio.sleep(0)
        return heard

    assert [message.number for message in played(story())] == [1]
    assert [type(mistake) for mistake in mistakes] == [ZeroDivisionError]


def test_following_gives_what_is_there_and_then_what_comes(inbox, a_text, played):
    async def story():
        inbox.put(a_text(text="one"))
        seen = []
        async for message in inbox:
            seen.append(message.text)
            if len(seen) == 3:
                break
            inbox.put(a_text(text=f"after {message.number}"))
        return seen

    assert played(story()) == ["one", "after 1", "after 2"]


def test_following_from_a_bookmark_leaves_out_what_is_older(inbox, a_text, played):
    async def story():
        inbox.put(a_text(text="old"))
        inbox.put(a_text(text="new"))
        return (await anext(inbox.follow(after=1))).text

    assert played(story()) == "new"


def test_notes_are_kept_beside_the_message_they_are_about(inbox, a_text):
    number = inbox.put(a_text())
    inbox.add_note(number, "sent again")
    inbox.add_note(number, "and again")
    assert inbox.notes(number) == ("sent again", "and again")
    assert inbox.notes(2) == ()


def test_messages_do_not_print_what_they_say(a_text, a_mail):
    assert "281704" not in repr(a_text(text="code 281704"))
    assert "281704" not in repr(a_mail(subject="281704", text="281704", html="<p>281704 https://x.example/281704</p>"))
