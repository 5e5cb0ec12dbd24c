"""The phone itself: its clock, its switches, its messages, and who is told."""

import gc
import tracemalloc
from pathlib import Path

import pytest

from simulator.phone import Banner, MailOnPhone, Phone, PushOnPhone, TextOnPhone
from simulator.securities.app import SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage, StorageFull


@pytest.fixture
def storage(tmp_path: Path):
    with Storage(tmp_path / "phone", durable=False) as storage:
        yield storage


def _phone(storage: Storage) -> Phone:
    return Phone(storage, now=lambda: 1000.0)


def _mail(number: int, at: float = 5.0, subject: str = "保安編碼器註冊資料") -> MailOnPhone:
    return MailOnPhone(
        number=number,
        sender="Anue Securities Service",
        subject=subject,
        text="註冊編碼",
        html="<p>註冊編碼</p>",
        pictures=(b"\x89PNG\r\n\x00", b""),
        received_at=at,
    )


def _text(number: int, at: float = 5.0) -> TextOnPhone:
    return TextOnPhone(number=number, sender="#Anue", text="驗證碼是 281704", received_at=at)


def test_the_phones_clock_is_the_worlds_and_its_own_offset(storage):
    phone = _phone(storage)
    assert phone.now() == 1000.0
    phone.clock_offset_seconds = -45
    assert phone.now() == 955.0


def test_settings_and_messages_outlive_a_restart_and_clipboard_camera_and_banners_do_not(storage):
    phone = _phone(storage)
    phone.clock_offset_seconds = 90
    phone.network_on = False
    phone.notifications_allowed = True
    phone.clipboard = "ABCDE"
    phone.show_to_camera(b"png")
    phone.deliver_mail(_mail(2))
    phone.deliver_mail(_mail(1, at=9.0))
    phone.deliver_text(_text(1))
    phone.mark_read(phone.mails[0])
    again = _phone(storage)
    assert (again.clock_offset_seconds, again.network_on, again.notifications_allowed) == (90, False, True)
    assert again.mails == (_mail(2), _mail(1, at=9.0))
    assert again.texts == (_text(1),)
    assert (again.unread_mails, again.unread_texts) == (1, 1)
    assert again.is_read(_mail(2))
    assert not again.is_read(_text(1))
    assert (again.clipboard, again.camera, again.notices) == ("", None, ())


def test_a_new_phone_is_on_the_network_and_has_not_been_asked_about_notifications(storage):
    phone = _phone(storage)
    assert phone.network_on
    assert phone.notifications_allowed is None
    assert phone.mails == phone.texts == ()


def test_a_message_delivered_twice_is_there_once_and_another_with_its_number_is_refused(storage):
    phone = _phone(storage)
    phone.deliver_mail(_mail(1))
    phone.deliver_mail(_mail(1))
    assert len(phone.mails) == len(phone.notices) == 1
    with pytest.raises(ValueError, match="number 1"):
        phone.deliver_mail(_mail(1, subject="another"))
    phone.deliver_text(_text(1))
    with pytest.raises(ValueError, match="number 1"):
        phone.deliver_text(_text(1, at=6.0))


def test_a_banner_says_who_and_what_and_goes_when_dismissed_or_read(storage):
    phone = _phone(storage)
    phone.deliver_text(_text(1))
    phone.deliver_mail(_mail(1))
    first, second = phone.notices
    assert (first.title, first.text) == ("#Anue", "驗證碼是 281704")
    assert (second.title, second.text) == ("Anue Securities Service", "保安編碼器註冊資料")
    phone.dismiss(first)
    assert phone.notices == (Banner(message=_mail(1)),)
    assert phone.unread_texts == 1
    phone.mark_read(_mail(1))
    assert phone.notices == ()


def test_every_change_is_told_until_the_subscription_ends(storage):
    phone = _phone(storage)
    told: list[str] = []
    end = phone.subscribe(lambda: told.append("change"))
    phone.network_on = False
    phone.notifications_allowed = False
    phone.clock_offset_seconds = 1
    phone.clipboard = "x"
    phone.show_to_camera(b"png")
    phone.deliver_mail(_mail(1))
    phone.deliver_text(_text(1))
    phone.mark_read(_mail(1))
    phone.dismiss(phone.notices[0])
    assert len(told) == 9
    end()
    end()
    phone.network_on = True
    assert len(told) == 9


def test_a_subscriber_may_end_its_subscription_while_it_is_told(storage):
    phone = _phone(storage)
    told: list[str] = []

    def once() -> None:
        told.append("once")
        end()

    end = phone.subscribe(once)
    phone.subscribe(lambda: told.append("always"))
    phone.announce_change()
    phone.announce_change()
    assert told == ["once", "always", "always"]


def test_a_damaged_message_is_told_takes_no_other_with_it_and_can_be_deleted(storage):
    phone = _phone(storage)
    phone.deliver_mail(_mail(1))
    phone.deliver_mail(_mail(2))
    path = storage.folder / "messages" / "mail-1.json"
    path.write_bytes(path.read_bytes()[:-3])
    storage.write("messages/text-1.json", b"{}")
    phone = _phone(storage)
    assert phone.mails == (_mail(2),)
    assert (phone.damaged_mails, phone.damaged_texts) == (1, 1)
    phone.delete_damaged_messages()
    assert not path.exists()
    again = _phone(storage)
    assert (again.damaged_mails, again.damaged_texts, again.mails) == (0, 0, (_mail(2),))


def test_a_damaged_message_that_is_delivered_again_is_whole_again(storage):
    _phone(storage).deliver_mail(_mail(1))
    (storage.folder / "messages" / "mail-1.json").write_bytes(b"cut")
    phone = _phone(storage)
    phone.deliver_mail(_mail(1))
    assert (phone.mails, phone.damaged_mails) == ((_mail(1),), 0)


def test_the_shade_keeps_what_a_banner_told_of_until_it_is_opened_or_cleared(storage):
    phone = _phone(storage)
    phone.deliver_text(_text(1))
    phone.deliver_mail(_mail(1))
    text, mail = phone.shade
    phone.dismiss(text)
    assert phone.shade == (text, mail)
    phone.mark_read(_mail(1))
    assert phone.shade == (text,)
    phone.clear_shade()
    assert phone.shade == phone.notices == ()
    assert phone.unread_texts == 1


def test_a_push_is_shown_only_for_an_app_that_is_installed_and_may_send_it(storage):
    push = PushOnPhone(number=1, sender="鉅亨證券 2", text="有新的登入", received_at=5.0)
    phone = _phone(storage)
    phone.deliver_push(push)
    phone.notifications_allowed = False
    phone.deliver_push(push)
    assert phone.shade == ()
    phone.notifications_allowed = True
    phone.deliver_push(push)
    assert phone.shade == phone.notices == (Banner(message=push),)
    phone.mark_read(push)
    assert phone.shade == ()


def test_deleting_all_messages_makes_room(storage):
    phone = _phone(storage)
    phone.deliver_mail(_mail(1))
    phone.deliver_text(_text(1))
    before = storage.used_bytes
    phone.delete_messages()
    assert storage.used_bytes < before
    assert phone.mails == phone.texts == phone.shade == ()
    assert _phone(storage).mails == ()


def test_a_message_that_finds_no_room_is_refused_and_leaves_no_trace(storage):
    phone = _phone(storage)
    storage.full = True
    with pytest.raises(StorageFull):
        phone.deliver_mail(_mail(1))
    assert (phone.mails, phone.shade, storage.ran_out_of_room) == ((), (), True)
    storage.full = False
    phone.deliver_mail(_mail(1))
    assert (phone.mails, storage.ran_out_of_room) == ((_mail(1),), False)


def test_a_phone_with_its_app_and_without_a_view_takes_less_than_a_fifth_of_a_megabyte(tmp_path):
    def make(number: int) -> SecuritiesApp:
        phone = _phone(Storage(tmp_path / str(number), durable=False))
        return SecuritiesApp(phone, HttpBrokerApi("http://localhost:8000"))

    kept = [make(0)]
    gc.collect()
    tracemalloc.start()
    kept += [make(number) for number in range(1, 21)]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for app in kept:
        app._workings.phone.storage.close()
    assert taken / 20 < 200_000
