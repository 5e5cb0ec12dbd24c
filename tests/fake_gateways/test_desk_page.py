"""The desk's page in a real browser: what a developer sees by hand, and what a hostile mail cannot do."""

import asyncio
import os
import shutil
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from playwright.async_api import async_playwright, expect

from fake_gateways.gateways import open_gateways
from fake_gateways.mail import parse_mail
from fake_gateways.profiles import parse_profiles

expect.set_options(timeout=20_000)

NOON = 1_795_406_400.0
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
PROFILES = parse_profiles(
    {"activation-code": {"kind": "sms", "values": {"code": {"after": "驗證碼是", "pattern": "[0-9]{6}"}}}}
)


def a_mail_of(html):
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "鉅亨證券 <service@anue.example>"
    mail["Subject"] = "保安編碼器註冊資料"
    mail.set_content("註冊編碼：ABCDE-FGHIJ\n<b>not bold</b>\n")
    mail.add_alternative(html, subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<qr>")
    return parse_mail(mail.as_bytes(), "service@anue.example", ("chan@example.com",), NOON)


@pytest.fixture(scope="module")
def browser():
    """One browser for this file, and the loop that it lives in."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with asyncio.Runner() as runner:

        async def opened():
            playwright = await async_playwright().start()
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            return playwright, await playwright.chromium.launch(executable_path=program, args=arguments)

        async def closed(playwright, browser):
            await browser.close()
            await playwright.stop()

        playwright, chromium = runner.run(opened())
        yield runner, chromium
        runner.run(closed(playwright, chromium))


@pytest.fixture
def seen(browser):
    """Play a story with fresh gateways and their desk's page; the page's script must not have failed."""
    runner, chromium = browser

    def see(story):
        async def played():
            async with open_gateways(now=lambda: NOON) as gateways:
                page = await chromium.new_page()
                troubles = []
                page.on("pageerror", lambda error: troubles.append(str(error)))
                await page.goto(gateways.http_origin)
                try:
                    return await story(gateways, page)
                finally:
                    await page.context.close()
                    assert troubles == []

        return runner.run(played())

    return see


def test_an_empty_inbox_says_where_to_send_to(seen):
    async def story(gateways, page):
        await expect(page.get_by_role("article")).to_contain_text(f"127.0.0.1:{gateways.smtp_port}")
        await expect(page.get_by_role("article")).to_contain_text(gateways.sms_url)

    seen(story)


def test_messages_appear_as_they_come_with_their_codes(seen, a_text):
    async def story(gateways, page):
        gateways.desk.explain_by(PROFILES.values(), origin="")
        gateways.inbox.put(a_text(text="啟用保安編碼器的驗證碼是 281704，如有查詢請致電 2122 8800。"))
        await expect(page.get_by_role("article")).to_contain_text("matched activation-code")
        await expect(page.get_by_role("article")).to_contain_text("rejected: 2122 8800 not after 驗證碼是")
        await expect(page.get_by_role("navigation")).to_contain_text("code 281704")
        gateways.inbox.put(a_text("+852 5555 0177", "something else with 55512 in it"))
        await expect(page.get_by_role("heading", level=2)).to_have_text("SMS to +852 5555 0177")
        await expect(page.get_by_role("article").get_by_role("button", name="55512")).to_be_visible()
        await page.get_by_role("searchbox").fill("2122")
        await expect(page.get_by_role("listitem")).to_have_count(1)

    seen(story)


def test_a_mails_html_is_shown_but_neither_runs_nor_reaches_anything(seen):
    async def story(gateways, page):
        callers = []
        elsewhere = await asyncio.start_server(
            lambda _reader, writer: (callers.append(1), writer.close()), "127.0.0.1", 0
        )
        async with elsewhere:
            there = f"http://127.0.0.1:{elsewhere.sockets[0].getsockname()[1]}"
            hostile = (
                f"<html><head><link rel=preconnect href='{there}'><link rel=stylesheet href='{there}/style.css'>"
                f"<link rel=prefetch href='{there}/next'><base href='{there}/'>"
                f"<meta http-equiv=refresh content='0;url={there}/refresh'></head><body background='{there}/wall.png'>"
                f"<script>parent.document.title = 'owned'; fetch('{there}/script')</script>"
                f"<img src='{there}/pixel.png' onerror=\"parent.document.title = 'owned'\">"
                f"<video src='{there}/film'></video>"
                f"<style>@import '{there}/import.css'; p {{ background: url({there}/paint.png) }}</style>"
                f"<form action='{there}/form'><button>press</button></form><iframe src='{there}/frame'></iframe>"
                f"<object data='{there}/object'></object><svg><image href='{there}/svg.png'/></svg>"
                "<p>註冊編碼：<b>ABCDE-FGHIJ</b></p><img id=qr src='cid:qr'></body></html>"
            )
            gateways.inbox.put(a_mail_of(hostile))
            mail = page.frame_locator("iframe").first
            await expect(mail.get_by_text("ABCDE-FGHIJ")).to_be_visible()
            assert await mail.locator("#qr").evaluate("image => image.naturalWidth") == 1
            await mail.get_by_role("button", name="press").click()
            await page.get_by_role("tab", name="Text").click()
            await expect(page.get_by_role("tabpanel")).to_contain_text("<b>not bold</b>")
        return await page.title(), callers

    assert seen(story) == ("Gateways · Twofold", [])


def test_the_page_says_when_the_gateways_are_gone(seen):
    async def story(gateways, page):
        await expect(page.get_by_role("status")).to_have_text("listening")
        await page.context.set_offline(True)
        gateways.inbox.put(a_mail_of("<p>x</p>"))
        await expect(page.get_by_role("status")).to_have_text("the gateways are closed")
        await page.context.set_offline(False)
        await expect(page.get_by_role("status")).to_have_text("listening")
        await expect(page.get_by_role("listitem")).to_have_count(1)

    seen(story)
