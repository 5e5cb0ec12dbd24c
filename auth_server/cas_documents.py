"""The XML documents of the CAS protocol: answers to services (2.5.2, appendix A), and logout requests (appendix C)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from auth_server.cas import FailureCode

_CAS: Final = "http://www.yale.edu/tp/cas"
_SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"

# XML 1.0, 2.2: what no document may hold, not even as a character reference.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

for _prefix, _namespace in (("cas", _CAS), ("samlp", _SAMLP), ("saml", _SAML)):
    register_namespace(_prefix, _namespace)

Attributes = Mapping[str, str | bool]


def success(user: str, attributes: Attributes) -> bytes:
    """Write the answer that accepts a ticket of `user`: UTF-8."""
    answer = Element(f"{{{_CAS}}}serviceResponse")
    accepted = SubElement(answer, f"{{{_CAS}}}authenticationSuccess")
    _say(accepted, _CAS, "user", user)
    if attributes:
        known = SubElement(accepted, f"{{{_CAS}}}attributes")
        for name, value in attributes.items():
            _say(known, _CAS, name, str(value).lower() if isinstance(value, bool) else value)
    return _written(answer)


def failure(code: FailureCode, description: str, *, element: str = "authenticationFailure") -> bytes:
    """Write the answer that refuses: UTF-8. `element` is ``proxyFailure`` for ``/proxy`` (2.7.2)."""
    answer = Element(f"{{{_CAS}}}serviceResponse")
    _say(answer, _CAS, element, description).set("code", code)
    return _written(answer)


def logout_request(request_id: str, ticket: str, at: float) -> str:
    """Write the request that ends the session of `ticket` at its service; `at` is in unix seconds."""
    request = Element(
        f"{{{_SAMLP}}}LogoutRequest",
        # An XML id cannot begin with a digit.
        {"ID": f"LR-{request_id}", "Version": "2.0", "IssueInstant": write_instant(at)},
    )
    _say(request, _SAML, "NameID", "@NOT_USED@")
    _say(request, _SAMLP, "SessionIndex", ticket)
    return _written(request).decode("utf-8")


def write_instant(at: float) -> str:
    """Write the unix time `at` as an ``xs:dateTime`` in UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _say(parent: Element, namespace: str, name: str, text: str) -> Element:
    child = SubElement(parent, f"{{{namespace}}}{name}")
    child.text = _NOT_XML.sub("\ufffd", text)
    return child


def _written(document: Element) -> bytes:
    return tostring(document, encoding="utf-8", xml_declaration=False)
