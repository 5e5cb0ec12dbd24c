"""Whose message it is."""

import pytest

from fake_gateways.people import Person, belongs_to, same_mailbox, same_number, same_recipient

CHAN = Person(name="陳大文", email="Chan@Example.com", phone="+852 5555 0101")


def test_a_mail_belongs_to_whom_its_envelope_names_in_any_case(a_mail):
    assert belongs_to(a_mail(to="chan@example.COM"), CHAN)
    assert not belongs_to(a_mail(to="wong@example.com"), CHAN)


def test_a_text_belongs_to_whom_its_number_names_however_it_is_written(a_text):
    for spelling in ("+85255550101", "00852 5555 0101", "852-5555-0101"):
        assert belongs_to(a_text(spelling), CHAN)
    assert not belongs_to(a_text("+852 5555 0102"), CHAN)


def test_a_number_without_its_country_is_another_number():
    assert not same_number("5555 0101", "+852 5555 0101")


def test_a_person_without_number_or_mailbox_owns_no_message(a_mail, a_text):
    nobody = Person(name="x", email="", phone="")
    assert not belongs_to(a_text("nobody"), nobody)
    assert not belongs_to(a_mail(to=""), nobody)


@pytest.mark.parametrize(
    "lookalike", ["mi\u212ae@example.com", "mıke@example.com", "mike@exampſe.com", "ｍike@example.com"]
)
def test_an_address_that_only_looks_alike_is_another_mailbox(lookalike):
    assert same_mailbox("MIKE@example.com", "mike@example.com")
    assert not same_mailbox(lookalike, "mike@example.com")


def test_recipients_of_both_kinds_are_told_apart():
    assert same_recipient("CHAN@example.com", "chan@example.com")
    assert same_recipient("+852 5555 0101", "85255550101")
    assert not same_recipient("85255550101@example.com", "+85255550101")
