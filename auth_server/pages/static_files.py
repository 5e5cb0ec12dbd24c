"""The files that pages need besides their HTML: a style sheet and two pictures, all our own."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

_FOLDER: Final = Path(__file__).parent.parent / "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A file that is the same for everyone. Its address changes with its content, so browsers may keep it for good."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    version: str

    @classmethod
    def read(cls, name: str, media_type: str) -> Self:
        """Read the file `name` of the folder ``static``."""
        content = (_FOLDER / name).read_bytes()
        return cls(name=name, media_type=media_type, content=content, version=sha256(content).hexdigest()[:12])

    @property
    def address(self) -> str:
        """Where pages find this version of the file."""
        return f"/static/{self.name}?v={self.version}"


STYLESHEET: Final = StaticFile.read("pages.css", "text/css; charset=utf-8")
BACK_OFFICE_STYLESHEET: Final = StaticFile.read("back_office.css", "text/css; charset=utf-8")
MARK: Final = StaticFile.read("mark.svg", "image/svg+xml")

_FILES: Final = {
    file.name: file for file in (STYLESHEET, BACK_OFFICE_STYLESHEET, MARK, StaticFile.read("rise.svg", "image/svg+xml"))
}

router = APIRouter()


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
def static_file(request: Request, name: str) -> Response:
    """Serve one of our files; the name is looked up, never opened.

    Raises `HTTPException` for a file that is not ours.
    """
    if name not in _FILES:
        raise HTTPException(404)
    return _serve(_FILES[name], request)


def _serve(file: StaticFile, request: Request) -> Response:
    fresh = request.query_params.get("v") == file.version
    keep = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return Response(file.content, media_type=file.media_type, headers={"Cache-Control": keep})
