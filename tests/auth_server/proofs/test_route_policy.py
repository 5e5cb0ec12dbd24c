"""Every route stands in the list of who may ask for it, and answers nobody else (ASVS 5.0, 6.1.3, 8.3.1)."""

from collections.abc import Iterator

import pytest

from auth_server.phone_api.operations import OPERATIONS
from tests.auth_server.attacks.server import opened
from tests.auth_server.proofs.policy import Who, policy
from tests.auth_server.proofs.routes import Route, routes
from tests.auth_server.proofs.visitors import Visitors, is_shut_out

POLICY = policy()
GUARDED = [route for route in routes() if POLICY.get(str(route)) is not Who.ANYBODY]
BODIES = {f"{each.method.upper()} /phone-api/v1{each.path}": each.body for each in OPERATIONS}
MAY_ALSO = {Who.PHONE: {Who.TOKEN_PHONE}}
"""Who has proved more than a route asks for, and is let in too."""


@pytest.fixture(scope="module")
def visitors() -> Iterator[Visitors]:
    """Everybody, before one server."""
    with opened() as server:
        yield Visitors(server)


def test_every_route_is_in_the_list_and_nothing_else() -> None:
    assert set(POLICY) == set(map(str, routes()))


def test_a_new_route_without_an_entry_is_noticed() -> None:
    assert str(Route("/iweb/transfer", "POST")) not in POLICY


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_a_route_lets_in_whom_the_list_names_and_nobody_else(visitors: Visitors, route: Route) -> None:
    allowed = POLICY[str(route)]
    more = {"json": BODIES.get(str(route), {})} if route.is_api and route.writes else {}
    let_in = {who for who in Who if not is_shut_out(visitors.ask(who, route.method, route.address(), **more))}
    assert let_in == {allowed} | MAY_ALSO.get(allowed, set())
