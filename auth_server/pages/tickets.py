"""Where services take their tickets back: validation as CAS 1.0, 2.0 and 3.0 have it (CAS Protocol 3.0, 2.4-2.9).

Services call these addresses themselves, without a browser.
"""

import json
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse, Response

from auth_server import cas_documents
from auth_server.cas import Claim, Failure, FailureCode, Validated
from auth_server.pages.forms import MalformedFormError, read_fields
from auth_server.pages.visit import AVisit, Visit

# What a developer reads; never the customer.
_DESCRIPTIONS: Final = {
    FailureCode.INVALID_REQUEST: "'service' and 'ticket' are both required, once, and 'format' is XML or JSON",
    FailureCode.INVALID_TICKET_SPEC: "not a service ticket",
    FailureCode.INVALID_TICKET: "ticket not recognized",
    FailureCode.INVALID_SERVICE: "ticket was issued for another service",
    FailureCode.UNAUTHORIZED_SERVICE_PROXY: "this server issues no proxy tickets",
}
_FORMATS: Final = frozenset({"XML", "JSON"})

_INCOMPLETE: Final = Failure(code=FailureCode.INVALID_REQUEST, reason="incomplete")

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Question:
    """The parameters of one request of a service, each at most once; None if they cannot be read."""

    visit: Visit
    parameters: dict[str, str] | None

    def __getitem__(self, name: str) -> str:
        return (self.parameters or {}).get(name, "")

    @property
    def wants_json(self) -> bool:
        """Tell in which of the two forms the answer is wanted (2.5.1)."""
        return self["format"].upper() == "JSON"


def question_of(visit: AVisit) -> Question:
    """Read what a service asks (a FastAPI dependency)."""
    try:
        return Question(visit, read_fields(visit.request.scope["query_string"]))
    except MalformedFormError:
        return Question(visit, None)


AQuestion = Annotated[Question, Depends(question_of)]


@router.get("/cas/validate")
def validate(question: AQuestion) -> Response:
    """Answer ``yes`` and the account number, or ``no`` (CAS 1.0; 2.4)."""
    found = _validate(question)
    words = f"yes\n{found.account.account}\n" if isinstance(found, Validated) else "no\n\n"
    return PlainTextResponse(words)


@router.get("/cas/serviceValidate")
def service_validate(question: AQuestion) -> Response:
    """Answer with the account number, in XML or JSON (2.5)."""
    return _answer(question, _validate(question))


@router.get("/cas/proxyValidate")
def proxy_validate(question: AQuestion) -> Response:
    """Answer as ``serviceValidate`` does; a proxy ticket is none that this server has issued (2.6)."""
    return _answer(question, _validate(question, may_be_proxy=True))


@router.get("/cas/p3/serviceValidate")
def service_validate_with_attributes(question: AQuestion) -> Response:
    """Answer with the account number and attributes, in XML or JSON (2.5.7, 2.8)."""
    return _answer(question, _validate(question), with_attributes=True)


@router.get("/cas/p3/proxyValidate")
def proxy_validate_with_attributes(question: AQuestion) -> Response:
    """Answer as ``p3/serviceValidate`` does; a proxy ticket is none that this server has issued (2.9)."""
    return _answer(question, _validate(question, may_be_proxy=True), with_attributes=True)


@router.get("/cas/proxy")
def proxy(question: AQuestion) -> Response:
    """Refuse a proxy ticket: there are no proxy granting tickets to ask for one with (2.7)."""
    question.visit.record_refusal("proxy")
    if question["pgt"] and question["targetService"]:
        code, description = FailureCode.UNAUTHORIZED_SERVICE, _DESCRIPTIONS[FailureCode.UNAUTHORIZED_SERVICE_PROXY]
    else:
        code, description = FailureCode.INVALID_REQUEST, "'pgt' and 'targetService' parameters are both required"
    return _refused(question, code, description, element="proxyFailure")


def _validate(question: Question, *, may_be_proxy: bool = False) -> Validated | Failure:
    visit = question.visit
    with visit.broker.database.writing() as tx:
        tickets = visit.broker.web.tickets
        if not question["service"] or not question["ticket"] or (question["format"] or "XML").upper() not in _FORMATS:
            return tickets.refuse(tx, _INCOMPLETE, address=visit.address)
        claim = Claim(
            ticket=question["ticket"],
            service=question["service"],
            renew=question["renew"] not in {"", "false"},
            wants_proxy=bool(question["pgtUrl"]),
            may_be_proxy=may_be_proxy,
        )
        return tickets.validate(tx, claim, address=visit.address)


def _answer(question: Question, found: Validated | Failure, *, with_attributes: bool = False) -> Response:
    if isinstance(found, Failure):
        return _refused(question, found.code, _DESCRIPTIONS[found.code])
    user = found.account.account
    attributes = _attributes(found) if with_attributes else {}
    if not question.wants_json:
        return _in_xml(cas_documents.success(user, attributes))
    named = {"attributes": attributes} if attributes else {}
    return _in_json({"authenticationSuccess": {"user": user, **named}})


def _refused(
    question: Question, code: FailureCode, description: str, *, element: str = "authenticationFailure"
) -> Response:
    if not question.wants_json:
        return _in_xml(cas_documents.failure(code, description, element=element))
    return _in_json({"authenticationFailure": {"code": code, "description": description}})  # for /proxy too (2.7.2)


def _attributes(found: Validated) -> dict[str, str | bool]:
    return {
        "authenticationDate": cas_documents.write_instant(found.authenticated_at),
        "longTermAuthenticationRequestTokenUsed": False,
        "isFromNewLogin": found.from_new_login,
        "name": found.account.name,
    }


def _in_xml(document: bytes) -> Response:
    return Response(document, media_type="application/xml; charset=utf-8")


def _in_json(answer: dict[str, object]) -> Response:
    content = json.dumps({"serviceResponse": answer}, ensure_ascii=False)
    return Response(content, media_type="application/json; charset=utf-8")
