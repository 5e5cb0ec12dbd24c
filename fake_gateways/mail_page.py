"""The HTML of a mail as a page of its own, as harmless as a mail program shows it."""

import re
from base64 import b64encode
from urllib.parse import unquote

from fake_gateways.mail import Mail
from fake_gateways.mime import media_type_of

MAIL_PAGE_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; font-src data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""No script, no form, nothing fetched from anywhere; links open beside the desk."""

_CONTENT_ID = re.compile(r"""cid:([^"'\s<>()]+)""", re.IGNORECASE)
_HEAD = re.compile(r"<head(?:\s[^>]*)?>", re.IGNORECASE)
_REACHES_OUT = re.compile(
    r"<(?=(?:link|iframe|frame|frameset|fencedframe|portal|object|embed|applet|base|meta)\b)", re.IGNORECASE
)
"""Elements for which a browser may open a connection before it asks the policy (`<link rel=preconnect>`, frames), or
that change how the rest is read. A mail program shows none of them; under another name they do nothing.
"""

_LINKS_OPEN_BESIDE = '<base target="_blank">'


def mail_page(mail: Mail) -> str:
    """The mail's HTML with its pictures (`cid:`, RFC 2392) put in as data and its links made to open beside it."""

    def picture(found: re.Match[str]) -> str:
        content = mail.pictures.get(unquote(found[1]))
        if content is None:
            return found[0]
        return f"data:{media_type_of(content)};base64,{b64encode(content).decode('ascii')}"

    page = _CONTENT_ID.sub(picture, _REACHES_OUT.sub("<x-", mail.html))
    head = _HEAD.search(page)
    if head is None:
        return _LINKS_OPEN_BESIDE + page
    return page[: head.end()] + _LINKS_OPEN_BESIDE + page[head.end() :]
