"""CAS 3.0: which services get a ticket, and what a ticket is worth (M31)."""

import asyncio
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, quote
from xml.etree.ElementTree import canonicalize

import pytest

from auth_server.cas import Services
from auth_server.channels import Channel
from auth_server.delivery import deliver
from auth_server.gateways import RefusedForGood, Taken, TryLater
from auth_server.outbox import ServiceLogout, Waiting
from auth_server.single_logout import ServiceLogouts

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

pytestmark = pytest.mark.on_both_databases

SERVICE = "https://orders.anue.example/app"

# The examples of the specification (2.5.2, 2.6.2, 2.7.2, appendix C), with our values in them.
SUCCESS = """\
<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
 <cas:authenticationSuccess>
  <cas:user>9999-9990</cas:user>
 </cas:authenticationSuccess>
</cas:serviceResponse>"""
FAILURE = """\
<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>
 <cas:{element} code="{code}">
    {description}
  </cas:{element}>
</cas:serviceResponse>"""
LOGOUT = """\
<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
   ID="{id}" Version="2.0" IssueInstant="2027-01-15T08:00:00Z">
  <saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">
    @NOT_USED@
  </saml:NameID>
  <samlp:SessionIndex>{ticket}</samlp:SessionIndex>
</samlp:LogoutRequest>"""


def ticket_of(browser: "Browser", service: str = SERVICE) -> str:
    """Log in for a service and read the ticket from where the browser is sent."""
    location = browser.log_in(service=service).headers["location"]
    assert location.startswith(service)
    [ticket] = re.findall(r"[?&]ticket=(ST-[A-Za-z0-9_-]{43})$", location)
    return ticket


def same_xml(one: str, other: str) -> bool:
    """Compare documents by what they say (Canonical XML 2.0), not by how they are laid out."""
    written = [canonicalize(text, strip_text=True, rewrite_prefixes=True) for text in (one, other)]
    return written[0] == written[1]


def waiting_logouts(world: "World") -> "list[tuple[Waiting, ServiceLogout]]":
    """What waits to be told to services."""
    with world.broker.database.reading() as tx:
        waiting = world.broker.outbox.waiting(tx, "slo")
    return [(one, world.broker.outbox.read(one)) for one in waiting]


def failure(browser: "Browser", **claim: str) -> str:
    answer = browser.send("GET", "/cas/serviceValidate", params=claim)
    assert answer.status_code == 200
    return re.findall(r'<cas:authenticationFailure code="(\w+)">', answer.text)[0]


@pytest.mark.parametrize(
    "address",
    [
        "https://orders.anue.example/app",
        "https://orders.anue.example/app/",
        "https://orders.anue.example/app/start?a=b&c=d",
        "https://orders.anue.example:443/app",
        "https://ORDERS.anue.example/app",
        "https://orders.anue.example/app?next=https://evil.example/",
    ],
)
def test_a_service_below_a_registered_address_is_let_in(address: str) -> None:
    assert Services((SERVICE,)).allows(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/app",
        "http://orders.anue.example/app",
        "https://orders.anue.example:8443/app",
        "https://orders.anue.example/",
        "https://orders.anue.example/application",
        "https://orders.anue.example/app/../evil",
        "https://orders.anue.example/app/%2e%2E/evil",
        "https://orders.anue.example/app/..%2fevil",
        "https://orders.anue.example/app/..%5cevil",
        "https://orders.anue.example.evil.example/app",
        "https://orders.anue.example@evil.example/app",
        "https://orders.anue.example:443@evil.example/app",
        "https://evil.example\\@orders.anue.example/app",
        "https://evil.example\\.orders.anue.example/app",
        "https:\\\\orders.anue.example/app",
        "//orders.anue.example/app",
        "///evil.example",
        "/app",
        "javascript://orders.anue.example/app%0aalert(1)",
        "HTTPS://orders.anue.example/app",
        "https://orders.anue.example/app#fragment",
        "https://orders.anue.example/app\r\nSet-Cookie: a=b",
        "https://orders.anue.example/app ",
        " https://orders.anue.example/app",
        "https://orders.anue.example/app\t",
        "https://orders.anue.exаmple/app",  # the second a is Cyrillic
        "https://orders.anue.example:x/app",
        "https://[orders.anue.example/app",
        "https://orders.anue.example/app?" + "a" * 2048,
        "",
    ],
)
def test_no_other_address_is_let_in(browser: "Browser", address: str) -> None:
    assert not Services((SERVICE,)).allows(address)
    if address:
        answer = browser.send("GET", "/cas/login", params={"service": address})
        assert answer.status_code in {400, 403}
        assert "location" not in answer.headers
        assert browser.log_in_with_password(service=address).status_code in {400, 403}
        assert not browser.cookies


def test_a_login_for_a_service_ends_there_with_a_ticket(world: "World", browser: "Browser") -> None:
    ticket = ticket_of(browser, SERVICE + "/start?order=7")
    answer = browser.get(f"/cas/serviceValidate?ticket={ticket}&service={quote(SERVICE + '/start?order=7')}")
    assert same_xml(answer.text, SUCCESS)
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert [row.result for row in world.audit(event="ticket-validated")] == ["success"]
    assert browser.is_logged_in()


def test_the_ticket_is_the_only_change_to_the_address_of_the_service(browser: "Browser") -> None:
    service = SERVICE + "?q=%e5%8d%81&r=a+b&empty="
    assert browser.log_in(service=service).headers["location"].startswith(service + "&ticket=ST-")


def test_attributes_come_with_protocol_3(browser: "Browser") -> None:
    ticket = ticket_of(browser)
    answer = browser.send("GET", "/cas/p3/serviceValidate", params={"service": SERVICE, "ticket": ticket})
    attributes = dict(re.findall(r"<cas:(\w+)>([^<]*)</cas:\1>", answer.text.partition("<cas:attributes>")[2]))
    assert attributes == {
        "authenticationDate": "2027-01-15T08:00:00Z",
        "longTermAuthenticationRequestTokenUsed": "false",
        "isFromNewLogin": "true",
        "name": "陳大文",
    }


def test_the_answer_can_be_had_in_json(browser: "Browser") -> None:
    claim = {"service": SERVICE, "format": "JSON"}
    ticket = ticket_of(browser)
    answer = browser.send("GET", "/cas/p3/serviceValidate", params={**claim, "ticket": ticket})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json() == {
        "serviceResponse": {
            "authenticationSuccess": {
                "user": "9999-9990",
                "attributes": {
                    "authenticationDate": "2027-01-15T08:00:00Z",
                    "longTermAuthenticationRequestTokenUsed": False,
                    "isFromNewLogin": True,
                    "name": "陳大文",
                },
            }
        }
    }
    again = browser.send("GET", "/cas/serviceValidate", params={**claim, "ticket": ticket}).json()
    assert again["serviceResponse"]["authenticationFailure"]["code"] == "INVALID_TICKET"


def test_what_a_name_holds_does_not_break_the_xml(world: "World", new_browser: Callable[[], "Browser"]) -> None:
    world.customer(name="<cas:user>0000-0000</cas:user> & Söhne")
    browser = new_browser()
    ticket = ticket_of(browser)
    answer = browser.send("GET", "/cas/p3/serviceValidate", params={"service": SERVICE, "ticket": ticket})
    assert re.findall("<cas:user>(.*?)</cas:user>", answer.text) == ["9999-9990"]
    assert "&lt;cas:user&gt;" in answer.text


def test_protocol_1_is_answered_in_two_lines(browser: "Browser") -> None:
    claim = {"service": SERVICE, "ticket": ticket_of(browser)}
    assert browser.send("GET", "/cas/validate", params=claim).text == "yes\n9999-9990\n"
    assert browser.send("GET", "/cas/validate", params=claim).text == "no\n\n"


def test_a_ticket_works_once(world: "World", browser: "Browser") -> None:
    claim = {"service": SERVICE, "ticket": ticket_of(browser)}
    browser.send("GET", "/cas/serviceValidate", params=claim)
    assert failure(browser, **claim) == "INVALID_TICKET"
    assert world.reasons("ticket-validated") == ["used"]


def test_of_sixteen_validations_at_once_one_succeeds(
    world: "World", browser: "Browser", at_once: Callable[[Callable[[int], object], int], list[object]]
) -> None:
    claim = {"service": SERVICE, "ticket": ticket_of(browser)}
    answers = at_once(lambda _: world.request("GET", "/cas/serviceValidate", params=claim).text, 16)
    assert sum("authenticationSuccess" in answer for answer in answers) == 1


def test_a_ticket_taken_to_another_service_is_refused_and_used_up(browser: "Browser") -> None:
    ticket = ticket_of(browser)
    assert failure(browser, service=SERVICE + "/", ticket=ticket) == "INVALID_SERVICE"
    assert failure(browser, service=SERVICE, ticket=ticket) == "INVALID_TICKET"


@pytest.mark.parametrize(("age", "works"), [(29.9, True), (30, False)])
def test_a_ticket_lives_thirty_seconds(world: "World", browser: "Browser", age: float, works: bool) -> None:
    ticket = ticket_of(browser)
    world.clock.advance(age)
    answer = browser.send("GET", "/cas/serviceValidate", params={"service": SERVICE, "ticket": ticket})
    assert ("authenticationSuccess" in answer.text) is works
    assert world.reasons("ticket-validated") == ([] if works else ["late"])


def test_a_ticket_dies_with_its_session(world: "World", browser: "Browser") -> None:
    ticket = ticket_of(browser)
    browser.post("/cas/logout")
    assert failure(browser, service=SERVICE, ticket=ticket) == "INVALID_TICKET"
    assert world.reasons("ticket-validated") == ["session-ended"]


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ({}, "INVALID_REQUEST"),
        ({"service": SERVICE}, "INVALID_REQUEST"),
        ({"ticket": "ST-1"}, "INVALID_REQUEST"),
        ({"service": SERVICE, "ticket": "ST-1", "format": "YAML"}, "INVALID_REQUEST"),
        ({"service": SERVICE, "ticket": "PT-1"}, "INVALID_TICKET_SPEC"),
        ({"service": SERVICE, "ticket": "ST-1"}, "INVALID_TICKET"),
    ],
)
def test_what_is_not_a_ticket_is_refused_with_the_codes_of_the_protocol(
    browser: "Browser", claim: dict[str, str], code: str
) -> None:
    assert failure(browser, **claim) == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("service={s}&service={s}&ticket=ST-1", "INVALID_REQUEST"),
        ("service={s}&ticket=ST-1&ticket=ST-2", "INVALID_REQUEST"),
        ("service={s}&ticket=ST-1%0D%0A", "INVALID_REQUEST"),
        ("service={s}&ticket=ST-%FF", "INVALID_REQUEST"),
        ("service={s}&ticket=ST-１", "INVALID_TICKET"),
    ],
)
def test_a_claim_that_can_be_read_in_two_ways_is_refused(
    world: "World", browser: "Browser", query: str, code: str
) -> None:
    answer = browser.get("/cas/serviceValidate?" + query.format(s=quote(SERVICE, safe="")))
    assert re.findall('code="([A-Z_]+)"', answer.text) == [code]
    assert len(world.reasons("ticket-validated")) == 1


def test_who_asks_for_a_proxy_is_refused_and_the_ticket_is_used_up(world: "World", browser: "Browser") -> None:
    ticket = ticket_of(browser)
    claim = {"service": SERVICE, "ticket": ticket, "pgtUrl": SERVICE + "/proxyCallback"}
    assert failure(browser, **claim) == "UNAUTHORIZED_SERVICE_PROXY"
    assert failure(browser, service=SERVICE, ticket=ticket) == "INVALID_TICKET"
    assert world.reasons("ticket-validated") == ["proxy", "used"]


def test_a_proxy_ticket_is_not_recognized_where_one_could_be(browser: "Browser") -> None:
    claim = {"service": SERVICE, "ticket": "PT-1856376-1HMgO86Z2ZKeByc5XdYD"}
    for path in ("/cas/proxyValidate", "/cas/p3/proxyValidate"):
        answer = browser.send("GET", path, params=claim)
        values = {"element": "authenticationFailure", "code": "INVALID_TICKET", "description": "ticket not recognized"}
        assert same_xml(answer.text, FAILURE.format(**values))
    assert browser.send("GET", "/cas/proxyValidate", params={**claim, "format": "JSON"}).json() == {
        "serviceResponse": {"authenticationFailure": {"code": "INVALID_TICKET", "description": "ticket not recognized"}}
    }
    ticket = ticket_of(browser)
    assert same_xml(
        browser.send("GET", "/cas/proxyValidate", params={"service": SERVICE, "ticket": ticket}).text, SUCCESS
    )


@pytest.mark.parametrize(
    ("query", "code", "description"),
    [
        ("", "INVALID_REQUEST", "'pgt' and 'targetService' parameters are both required"),
        ("?pgt=PGT-1&targetService=x", "UNAUTHORIZED_SERVICE", "this server issues no proxy tickets"),
    ],
)
def test_no_proxy_ticket_is_issued(world: "World", browser: "Browser", query: str, code: str, description: str) -> None:
    values = {"element": "proxyFailure", "code": code, "description": description}
    assert same_xml(browser.get("/cas/proxy" + query).text, FAILURE.format(**values))
    assert world.reasons("request-refused") == ["proxy"]


def test_tokens_of_other_kinds_are_no_tickets(browser: "Browser", reset_link: Callable[..., str]) -> None:
    browser.log_in()
    for secret in (browser.cookies["session"], reset_link().partition("token=")[2]):
        assert failure(browser, service=SERVICE, ticket=f"ST-{secret}") == "INVALID_TICKET"


def test_who_is_logged_in_goes_on_to_a_service_at_once_and_with_renew_is_asked_again(browser: "Browser") -> None:
    browser.log_in()
    location = browser.get(f"/cas/login?service={SERVICE}").headers["location"]
    ticket = location.partition("ticket=")[2]
    assert failure(browser, service=SERVICE, ticket=ticket, renew="true") == "INVALID_TICKET"
    location = browser.get(f"/cas/login?service={SERVICE}").headers["location"]
    claim = {"service": SERVICE, "ticket": location.partition("ticket=")[2]}
    assert "false</cas:isFromNewLogin" in browser.send("GET", "/cas/p3/serviceValidate", params=claim).text
    assert browser.get(f"/cas/login?service={SERVICE}&renew=true").status_code == 200
    ticket = ticket_of(browser)
    answer = browser.send("GET", "/cas/serviceValidate", params={"service": SERVICE, "ticket": ticket, "renew": "true"})
    assert "authenticationSuccess" in answer.text


def test_gateway_asks_nothing_of_who_is_not_logged_in(browser: "Browser") -> None:
    assert browser.get(f"/cas/login?service={SERVICE}&gateway=true").headers["location"] == SERVICE
    assert browser.get(f"/cas/login?service={SERVICE}&gateway=true&renew=true").status_code == 200
    assert browser.get("/cas/login?gateway=true").status_code == 200
    browser.log_in()
    assert "ticket=ST-" in browser.get(f"/cas/login?service={SERVICE}&gateway=true").headers["location"]


def test_a_preview_of_the_login_issues_no_ticket(world: "World", browser: "Browser") -> None:
    browser.log_in()
    assert browser.get(f"/cas/login?service={SERVICE}", method="HEAD").status_code == 200
    assert world.audit(event="ticket-issued") == []


def test_a_service_logs_out_by_a_link_and_has_its_customer_back_only_if_it_is_registered(browser: "Browser") -> None:
    browser.log_in()
    assert browser.get(f"/cas/logout?service={SERVICE}").headers["location"] == SERVICE
    assert not browser.is_logged_in()
    assert browser.get("/cas/logout?service=https://evil.example/").status_code == 200
    assert browser.get("/cas/logout", method="HEAD").status_code == 405


def test_the_service_is_kept_through_a_wrong_password(browser: "Browser") -> None:
    page = browser.log_in_with_password(password="Wrong1Wrong", service=SERVICE)
    assert f'name="service" value="{SERVICE}"' in page.text
    assert f"?service={quote(SERVICE, safe='')}&amp;lang=en" in page.text


def test_a_service_is_told_of_the_end_of_the_session_whose_ticket_it_took(world: "World", browser: "Browser") -> None:
    ticket = ticket_of(browser)
    unclaimed = browser.get(f"/cas/login?service={SERVICE}").headers["location"].partition("ticket=")[2]
    browser.send("GET", "/cas/serviceValidate", params={"service": SERVICE, "ticket": ticket})
    assert waiting_logouts(world) == []
    browser.post("/cas/logout")
    [(waiting, logout)] = waiting_logouts(world)
    assert (logout.service, logout.ticket) == (SERVICE, ticket)
    assert logout.ticket != unclaimed
    assert waiting.account == "9999-9990"


@pytest.mark.parametrize(
    "ending", ["by the customer elsewhere", "by a lock", "by another password", "by idleness", "by a step-up"]
)
def test_however_a_session_ends_its_services_are_told(
    world: "World",
    browser: "Browser",
    new_browser: Callable[[], "Browser"],
    reset_link: Callable[..., str],
    ending: str,
) -> None:
    claim = {"service": SERVICE, "ticket": ticket_of(browser)}
    browser.send("GET", "/cas/serviceValidate", params=claim)
    match ending:
        case "by the customer elsewhere":
            other = new_browser()
            world.clock.advance(61)
            other.log_in()
            other.post("/iweb/security/end-others")
        case "by a lock":
            world.back_office("POST", "/customers/9999-9990/lock")
        case "by another password":
            browser.get(reset_link())
            browser.post("/iweb/password-reset", {"new_password": "Sheung9Wan", "new_password_again": "Sheung9Wan"})
        case "by idleness":
            world.clock.advance(1800)
            world.broker.chores.do()
        case _:  # the session has another key then, and its services are told at its end all the same
            with world.broker.database.writing() as tx:
                session = world.broker.web.sessions.resume(tx, browser.cookies["session"])
                token = world.broker.web.sessions.renew(tx, session.key)
                assert waiting_logouts(world) == []
                world.broker.web.sessions.end(tx, token)
    assert [logout.ticket for _, logout in waiting_logouts(world)] == [claim["ticket"]]


def test_a_ticket_that_was_refused_makes_no_service_hear_of_anything(world: "World", browser: "Browser") -> None:
    failure(browser, service=SERVICE + "/", ticket=ticket_of(browser))
    browser.post("/cas/logout")
    assert waiting_logouts(world) == []


class Service:
    """A CAS service at a port of its own: answers with `statuses`, one after the other, and keeps what it was told."""

    def __init__(self, statuses: list[int]) -> None:
        self.told: list[str] = []
        self.when_told: Callable[[], object] = list
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                service.told.append(parse_qs(body)["logoutRequest"][0])
                self.send_response(statuses.pop(0))
                self.send_header("Location", f"{service.address}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
                service.when_told()

            def log_message(self, format: str, *arguments: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/app"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_the_logout_request_is_that_of_the_specification_and_the_same_at_each_attempt() -> None:
    waiting = Waiting(
        id=1, kind="slo", message_id="<0a1b@localhost>", account="", attempts=0, created_at=1_800_000_000.0,
        until=0.0, content=b"",
    )  # fmt: skip
    statuses = [503, 200, 404, 302]
    with Service(list(statuses)) as service:

        async def tell() -> list[object]:
            logouts = ServiceLogouts()
            logout = ServiceLogout(service=service.address, ticket="ST-1")
            told = [await logouts.hand_over(waiting, logout) for _ in statuses]
            unreachable = ServiceLogout(service="http://127.0.0.1:9/app", ticket="ST-1")
            told.append(await logouts.hand_over(waiting, unreachable))
            await logouts.close()
            return told

        told = asyncio.run(tell())
    assert [type(one) for one in told] == [TryLater, Taken, RefusedForGood, RefusedForGood, TryLater]
    assert len(service.told) == 4
    [document] = set(service.told)
    assert same_xml(document, LOGOUT.format(id="LR-0a1b", ticket="ST-1"))


def test_the_end_of_a_session_reaches_its_service_without_anybody_waiting_for_it(
    world: "World", browser: "Browser"
) -> None:
    with Service([200]) as service:
        with world.broker.database.writing() as tx:
            token = world.broker.web.sessions.begin(tx, "9999-9990", Channel.SMS, previous_login_at=None)
            session = world.broker.web.sessions.key(token)
            world.broker.outbox.hold_logout(
                tx, at=world.clock.at, service=service.address, ticket="ST-1", session=session, account="9999-9990"
            )
        with world.broker.database.writing() as tx:
            assert world.broker.web.sessions.end(tx, token) == "9999-9990"

        async def play() -> None:
            told = asyncio.Event()
            loop = asyncio.get_running_loop()
            service.when_told = lambda: loop.call_soon_threadsafe(told.set)
            delivery = asyncio.create_task(deliver(world.broker))
            async with asyncio.timeout(10):
                await told.wait()
            delivery.cancel()
            await asyncio.wait([delivery])

        asyncio.run(play())
    assert "<samlp:SessionIndex>ST-1</samlp:SessionIndex>" in service.told[0]
