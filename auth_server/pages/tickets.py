"""Where services take their tickets back: validation as CAS 1.0, 2.0 and 3.0 have it (CAS Protocol 3.0, 2.4-2.6, 2.8).

Services call these addresses themselves, without a browser.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import PlainTextResponse, Response

from auth_server.cas import Failure, FailureCode, Validated
from auth_server.pages.visit import AVisit, Visit
from auth_server.templating import render

# What a developer reads; never the customer.
_DESCRIPTIONS: Final = {
    FailureCode.INVALID_REQUEST: "'service' and 'ticket' are required, 'format' is XML or JSON",
    FailureCode.INVALID_TICKET_SPEC: "not a service ticket",
    FailureCode.INVALID_TICKET: "ticket not recognized",
    FailureCode.INVALID_SERVICE: "ticket was issued for another service",
    FailureCode.UNAUTHORIZED_SERVICE_PROXY: "this server issues no proxy tickets",
}


class Claim(BaseModel):
    """What a service says of a ticket. `renew`: it asks for a customer who has just logged in."""

    model_config = ConfigDict(frozen=True)

    service: str = ""
    ticket: str = ""
    renew: str = ""
    format: str = "XML"
    pgt_url: Annotated[str, Field(alias="pgtUrl")] = ""

    @property
    def wants_json(self) -> bool:
        """Tell in which of the two forms the answer is wanted (2.5.1)."""
        return self.format.upper() == "JSON"


AClaim = Annotated[Claim, Query()]

router = APIRouter()


@router.get("/cas/validate")
def validate(visit: AVisit, claim: AClaim) -> Response:
    """Answer ``yes`` and the account number, or ``no`` (CAS 1.0; 2.4)."""
    found = _validate(visit, claim)
    words = f"yes\n{found.account.account}\n" if isinstance(found, Validated) else "no\n\n"
    return PlainTextResponse(words)


@router.get("/cas/serviceValidate")
@router.get("/cas/proxyValidate")
def service_validate(visit: AVisit, claim: AClaim) -> Response:
    """Answer with the account number, in XML or JSON (2.5, 2.6)."""
    return _answer(_validate(visit, claim), {}, as_json=claim.wants_json)


@router.get("/cas/p3/serviceValidate")
@router.get("/cas/p3/proxyValidate")
def service_validate_with_attributes(visit: AVisit, claim: AClaim) -> Response:
    """Answer with the account number and attributes, in XML or JSON (2.5.7, 2.8)."""
    found = _validate(visit, claim)
    attributes = _attributes(found) if isinstance(found, Validated) else {}
    return _answer(found, attributes, as_json=claim.wants_json)


def _validate(visit: Visit, claim: Claim) -> Validated | Failure:
    if not claim.service or not claim.ticket or claim.format.upper() not in {"XML", "JSON"}:
        return Failure(code=FailureCode.INVALID_REQUEST, reason="incomplete")
    if claim.pgt_url:
        return Failure(code=FailureCode.UNAUTHORIZED_SERVICE_PROXY, reason="proxy")
    with visit.broker.database.writing() as tx:
        return visit.broker.web.tickets.validate(
            tx,
            ticket=claim.ticket,
            service=claim.service,
            renew=claim.renew not in {"", "false"},
            address=visit.address,
        )


def _attributes(found: Validated) -> dict[str, str | bool]:
    moment = datetime.fromtimestamp(found.authenticated_at, UTC)
    return {
        "authenticationDate": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "longTermAuthenticationRequestTokenUsed": False,
        "isFromNewLogin": found.from_new_login,
        "name": found.account.name,
    }


def _answer(found: Validated | Failure, attributes: Mapping[str, str | bool], *, as_json: bool) -> Response:
    if as_json:
        content = json.dumps({"serviceResponse": _in_json(found, attributes)}, ensure_ascii=False)
        return Response(content, media_type="application/json; charset=utf-8")
    failure = found if isinstance(found, Failure) else None
    values = {
        "failure": failure,
        "description": _DESCRIPTIONS[failure.code] if failure else "",
        "user": found.account.account if isinstance(found, Validated) else "",
        "attributes": {name: _in_xml(value) for name, value in attributes.items()},
    }
    xml = render("cas/service_response.xml", "en", values)
    return Response(xml, media_type="application/xml; charset=utf-8")


def _in_json(found: Validated | Failure, attributes: Mapping[str, str | bool]) -> dict[str, object]:
    if isinstance(found, Failure):
        return {"authenticationFailure": {"code": found.code, "description": _DESCRIPTIONS[found.code]}}
    named = {"attributes": attributes} if attributes else {}
    return {"authenticationSuccess": {"user": found.account.account, **named}}


def _in_xml(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value
