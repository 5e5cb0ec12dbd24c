"""CAS 3.0: which services get a ticket, and what a ticket is worth (M31)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from auth_server.cas import Services

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

SERVICE = "https://orders.anue.example/app"

SUCCESS = """\
<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
  <cas:authenticationSuccess>
    <cas:user>9999-9990</cas:user>
  </cas:authenticationSuccess>
</cas:serviceResponse>"""


def ticket_of(browser: "Browser", service: str = SERVICE) -> str:
    """Log in for a service and read the ticket from where the browser is sent."""
    location = browser.log_in(service=service).headers["location"]
    assert location.startswith(service)
    [ticket] = re.findall(r"[?&]ticket=(ST-[A-Za-z0-9_-]{43})$", location)
    return ticket


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
        assert answer.status_code == 403
        assert "location" not in answer.headers
        assert browser.log_in_with_password(service=address).status_code == 403
        assert not browser.cookies


def test_a_login_for_a_service_ends_there_with_a_ticket(world: "World", browser: "Browser") -> None:
    ticket = ticket_of(browser, SERVICE + "/start?order=7")
    answer = browser.get(f"/cas/serviceValidate?ticket={ticket}&service={quote(SERVICE + '/start?order=7')}")
    assert answer.text.strip() == SUCCESS
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
        ({"service": SERVICE, "ticket": "ST-1", "pgtUrl": SERVICE}, "UNAUTHORIZED_SERVICE_PROXY"),
    ],
)
def test_what_is_not_a_ticket_is_refused_with_the_codes_of_the_protocol(
    browser: "Browser", claim: dict[str, str], code: str
) -> None:
    assert failure(browser, **claim) == code


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
