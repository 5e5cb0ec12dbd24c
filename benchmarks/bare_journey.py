"""The floor of the first journey: the same page actions and the same requests, without phone screens and reports.

It asks as much of server, gateways and browser as `scenarios/manual/first_journey.scenario.yaml` does: the same pages
with the same clicks, and, by httpx, the same requests that the phone's app makes. What it lacks is what Twofold adds:
the phone's screens, steps and their checks, events, pictures, reports.
"""

import re
import tempfile
import time
from pathlib import Path

from playwright.async_api import Browser

from fake_gateways.gateways import Gateways, open_gateways
from fake_gateways.mail import Mail
from fake_gateways.sms import Text
from harness.clock import WorldClock
from harness.targets.back_office import BackOffice
from harness.targets.customers import Customer
from harness.targets.target import load_target
from harness.world.opening import http_client
from harness.world.server import open_server
from simulator.phone import Phone
from simulator.qr import read_code
from simulator.securities.app import SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage

PASSWORD, PIN = "Kowloon88", "240719"
CUSTOMER = Customer(alias="chan", account="9999-9990", name="陳大文", email="chan@example.com", phone="+852 5555 0101")


async def play(browser: Browser) -> None:
    """Play the journey once, in a fresh world, on a clock that stands still as in a scenario."""
    clock = WorldClock(real_now=time.time)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            open_gateways(now=clock.now) as gateways,
            open_server(
                load_target("reference"), gateways, Path(folder), now=clock.now, real_now=time.time, environ={}
            ) as server,
            http_client(server.origin, server.back_office_key) as staff,
            http_client(server.origin) as client,
            await browser.new_context(locale="zh-HK") as context,
        ):
            page = await context.new_page()
            back_office = BackOffice(staff)
            await back_office.create(CUSTOMER)
            await back_office.reset_password(CUSTOMER.account)
            mail = await _mail(gateways, "Password Reset")
            await page.goto(mail.links[0])
            await page.get_by_label("新密碼", exact=True).fill(PASSWORD)
            await page.get_by_label("確認新密碼", exact=True).fill(PASSWORD)
            await page.get_by_role("button", name="確定").click()
            await page.get_by_text("成功更改").wait_for()
            with Storage(Path(folder) / "phone", durable=False) as storage:
                app = SecuritiesApp(Phone(storage, now=clock.now), HttpBrokerApi(server.origin, client))
                await _enrol(app, gateways)
                await back_office.token_state(CUSTOMER.account)
                await back_office.audit(account=CUSTOMER.account)
                await page.goto(f"{server.origin}/cas/login")
                await page.get_by_label("登入帳號", exact=True).fill(CUSTOMER.account)
                await page.get_by_label("登入密碼", exact=True).fill(PASSWORD)
                await page.get_by_role("button", name="登入", exact=True).click()
                await page.get_by_text("獲取一次性驗證碼的方式").first.wait_for()
                await page.get_by_role("button", name="iToken").click()
                await clock.advance(30)
                code = await app.token_code(PIN)
                await page.get_by_label("一次性驗證碼", exact=True).fill(code.code)
                await page.get_by_role("button", name="確定").click()
                await page.wait_for_url("**/iweb")
                await page.get_by_text(CUSTOMER.account).first.wait_for()
                await _mail(gateways, "登入通知")


async def _enrol(app: SecuritiesApp, gateways: Gateways) -> None:
    await app.answer_permission(allowed=True)
    await app.accept_disclaimer()
    await app.finish_tutorial()
    await app.log_in(CUSTOMER.account, PASSWORD)
    await app.start_enrolment()
    text = await gateways.inbox.wait_for(
        lambda message: isinstance(message, Text) and "啟用" in message.text, patience_seconds=10
    )
    assert isinstance(text, Text)
    found = re.search(r"驗證碼是 ([0-9]{6})", text.text)
    assert found is not None
    await app.confirm_sms_code(found[1])
    await app.choose_pin(PIN, PIN)
    await app.request_registration()
    mail = await _mail(gateways, "保安編碼器註冊資料")
    await app.bind_with_qr(read_code(mail.pictures["registration-qr"]))
    await _mail(gateways, "保安編碼器綁定通知")


async def _mail(gateways: Gateways, subject: str) -> Mail:
    mail = await gateways.inbox.wait_for(
        lambda message: isinstance(message, Mail) and message.subject == subject, patience_seconds=10
    )
    assert isinstance(mail, Mail)
    return mail
