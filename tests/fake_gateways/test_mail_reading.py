"""Reading mails: encodings, parts, pictures, links, and mails that are broken."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_gateways.mail import parse_mail

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
TEXT = "親愛的 陳大文 先生/女士\n登入驗證碼：281704\n"


SHARDS = [
    *(b"From: ", b"Subject: ", b"\r\n", b"\r\n\r\n", b"--b\r\n", b"--b--", b"\0", b"\xe5\xaf", b"=?utf-8?b?", b"?="),
    *(b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: text/html; charset=\xff\r\n"),
    *(b"Content-Type: image/png\r\n", b"Content-ID: <", b"Content-Transfer-Encoding: base64\r\n"),
    *(
        b"Content-Type: message/rfc822\r\n",
        b"Content-Disposition: inline; filename*=x''%",
        b"; charset*0=x; charset*1=y",
    ),
    *(b"<a href='", b"&#xffffffff;", b"<!", b"<![CDATA[", b"<![x", b"]]>", b"http://["),
]
"""Pieces from which broken mails are made."""


def read(raw):
    return parse_mail(raw, "service@anue.example", ("chan@example.com",), 5.0)


def of_lines(*lines):
    return read("\r\n".join(lines).encode())


def registration_mail():
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "鉅亨證券 <service@anue.example>"
    mail["Subject"] = "保安編碼器註冊資料"
    mail["Message-ID"] = "<17@anue.example>"
    mail.set_content("註冊編碼：ABCDE-FGHIJ\n")
    mail.add_alternative('<p>註冊編碼：<b>ABCDE-FGHIJ</b></p><img src="cid:registration-qr">', subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<registration-qr>")
    return mail


def test_a_mail_with_text_html_and_an_inline_picture_is_read_whole():
    mail = read(registration_mail().as_bytes())
    assert (mail.sender.name, mail.sender.address) == ("鉅亨證券", "service@anue.example")
    assert mail.subject == "保安編碼器註冊資料"
    assert mail.text == "註冊編碼：ABCDE-FGHIJ\n"
    assert mail.html.startswith("<p>註冊編碼：<b>ABCDE-FGHIJ</b></p>")
    assert mail.html_text == "註冊編碼：ABCDE-FGHIJ"
    assert dict(mail.pictures) == {"registration-qr": PNG}
    assert mail.message_id == "<17@anue.example>"
    assert (mail.recipients, mail.envelope_sender, mail.received_at) == (
        ("chan@example.com",),
        "service@anue.example",
        5.0,
    )
    assert mail.trouble == ""


@pytest.mark.parametrize("transfer_encoding", ["quoted-printable", "base64", "8bit"])
def test_every_transfer_encoding_gives_the_same_text(transfer_encoding):
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "service@anue.example"
    mail.set_content(TEXT, cte=transfer_encoding)
    assert read(mail.as_bytes()).text == TEXT


@pytest.mark.parametrize("charset", ["big5", "utf-8", "gb18030", "utf-16"])
def test_a_text_is_decoded_by_the_alphabet_that_it_names(charset):
    head = f"From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    mail = read(head + "登入驗證碼：281704".encode(charset))
    assert (mail.text, mail.trouble) == ("登入驗證碼：281704", "")


@pytest.mark.parametrize("charset", ["no-such-alphabet", "us-ascii", "hex", "x\0y"])
def test_a_text_whose_alphabet_is_wrongly_named_is_read_and_the_trouble_is_kept(charset):
    head = f'From: a@b.example\r\nContent-Type: text/plain; charset="{charset}"\r\n\r\n'.encode()
    mail = read(head + "登入驗證碼：281704".encode())
    assert mail.text == "登入驗證碼：281704"
    assert "alphabet" in mail.trouble


def test_a_subject_is_decoded_from_encoded_words_even_if_a_character_is_cut_in_two():
    # 密碼 is E5AF86 E7A2BC in UTF-8; the first word ends in the middle of 碼.
    mail = of_lines("From: a@b.example", "Subject: =?utf-8?q?=E5=AF=86=E7=A2?=", " =?utf-8?q?=BC?= Reset", "", "")
    assert mail.subject == "密碼 Reset"


def test_a_subject_in_bare_utf_8_is_read():
    assert of_lines("From: a@b.example", "Subject: 登入驗證碼", "", "").subject == "登入驗證碼"


def test_a_folded_subject_is_one_line():
    assert of_lines("From: a@b.example", "Subject: Password", " Reset", "", "").subject == "Password Reset"


def test_a_subject_with_a_broken_encoded_word_is_kept_as_it_stands():
    mail = of_lines("From: a@b.example", "Subject: =?utf-8?b?a?=", "", "")
    assert mail.subject == "=?utf-8?b?a?="
    assert "encoded word" in mail.trouble


def test_an_encoded_word_cannot_smuggle_an_address_into_the_sender():
    # RFC 2047, 6.2: structure first, decoding after. The word decodes to: Bank <ceo@bank.example>,
    mail = of_lines("From: =?utf-8?q?Bank_=3Cceo=40bank=2Eexample=3E=2C?= <thief@evil.example>", "", "")
    assert mail.sender.address == "thief@evil.example"


def test_a_mail_without_plain_text_is_readable_from_its_html():
    mail = of_lines(
        "From: a@b.example",
        "Content-Type: text/html; charset=utf-8",
        "",
        "<html><head><title>x</title><style>p{}</style></head><body><p>登入驗證碼：<strong>281704</strong></p>"
        "<table><tr><td>5分鐘內</td><td>有效</td></tr></table><script>var x = '999999'</script></body></html>",
    )
    assert mail.text == ""
    assert mail.readable == "登入驗證碼：281704\n5分鐘內 有效"


@pytest.mark.parametrize("oddity", ["<![if mso]>", "<![foo[x]]>", "<![ 1]>", "<!--x-->", "<?x?>"])
def test_oddities_of_other_mail_programs_are_not_shown(oddity):
    mail = of_lines("From: a@b.example", "Content-Type: text/html", "", f"<p>code {oddity}281704</p>")
    assert mail.readable == "code 281704"


def test_a_mail_without_message_id_is_a_good_mail():
    mail = of_lines("From: a@b.example", "Subject: x", "", "hello")
    assert (mail.message_id, mail.trouble, mail.text) == ("", "", "hello")


def test_links_come_from_html_and_text_each_once_without_what_is_no_place():
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "a@b.example"
    mail.set_content(
        "http://localhost:8000/iweb/password-reset?token=aB-_9 或 http://localhost:8000/cas/login。(see https://x.example/a_(b))."
    )
    mail.add_alternative(
        '<a href="http://localhost:8000/iweb/password-reset?token=aB-_9">按此</a>'
        '<a href="mailto:cs@anue.example">x</a>'
        '<a href="#top">x</a><a name="here">x</a><a href=" https://anue.example/?a=1&amp;b=2 ">x</a>',
        subtype="html",
    )
    assert read(mail.as_bytes()).links == (
        "http://localhost:8000/iweb/password-reset?token=aB-_9",
        "https://anue.example/?a=1&b=2",
        "http://localhost:8000/cas/login",
        "https://x.example/a_(b)",
    )


def test_an_attached_text_is_not_what_the_mail_says():
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "a@b.example"
    mail.set_content("the mail\n")
    mail.add_attachment("the attachment", filename="code.txt")
    assert read(mail.as_bytes()).text == "the mail\n"


def test_a_mail_inside_the_mail_is_not_opened():
    bounce = EmailMessage(policy=SMTP)
    bounce["From"] = "mailer-daemon@b.example"
    bounce.set_content("could not be delivered\n")
    bounce.add_attachment(registration_mail())
    mail = read(bounce.as_bytes())
    assert mail.text == "could not be delivered\n"
    assert not mail.pictures
    assert mail.trouble == ""


def test_pictures_without_content_id_are_called_by_their_file_name_or_place():
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "a@b.example"
    mail.set_content("x")
    mail.add_attachment(PNG, "image", "png", filename="qr.png")
    mail.add_attachment(PNG, "image", "png")
    assert list(read(mail.as_bytes()).pictures) == ["qr.png", "picture-2"]


def test_what_calls_itself_a_picture_and_is_none_is_trouble():
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "a@b.example"
    mail.set_content("x")
    mail.add_attachment(b"<svg onload=alert(1)>", "image", "png", cid="<qr>")
    read_mail = read(mail.as_bytes())
    assert not read_mail.pictures
    assert read_mail.trouble == "the picture qr is neither PNG nor JPEG"


def test_of_two_pictures_with_one_name_the_first_is_kept_and_the_trouble_told():
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "a@b.example"
    mail.set_content("x")
    for _ in range(2):
        mail.add_attachment(PNG, "image", "png", cid="<qr>")
    assert read(mail.as_bytes()).trouble == "two pictures are called qr"


def test_a_broken_multipart_is_kept_with_what_is_wrong_and_what_can_be_read():
    mail = of_lines("From: a@b.example", "Subject: x", "Content-Type: multipart/mixed; boundary=abc", "", "code 281704")
    assert mail.subject == "x"
    assert "start boundary not found" in mail.trouble
    assert mail.text == "code 281704"


def test_broken_base64_is_kept_with_what_is_wrong():
    mail = of_lines("From: a@b.example", "Content-Transfer-Encoding: base64", "", "aGVsbG8")
    assert mail.text == "hello"
    assert mail.trouble == "invalid base64 padding"


def test_a_mail_nested_beyond_reading_is_kept_with_its_headers():
    depth = 3000
    boundaries = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    mail = read(b"From: a@b.example\r\nSubject: deep\r\n" + boundaries.encode())
    assert mail.subject == "deep"
    assert mail.trouble == "nested too deeply to be read"


def test_nothing_at_all_is_still_a_mail():
    mail = read(b"")
    assert (mail.subject, mail.text, mail.sender.address, mail.trouble) == ("", "", "", "no readable From")


def test_headers_are_kept_decoded_and_in_order():
    mail = of_lines("Received: one", "Received: two", "From: a@b.example", "X-Note: =?big5?b?sUu9WA==?=", "", "")
    assert mail.headers == (
        ("Received", "one"),
        ("Received", "two"),
        ("From", "a@b.example"),
        ("X-Note", "密碼"),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SHARDS) | st.binary(max_size=12), max_size=25))
def test_no_bytes_whatever_make_reading_fail(pieces):
    raw = b"".join(pieces)
    assert read(raw).raw == raw
