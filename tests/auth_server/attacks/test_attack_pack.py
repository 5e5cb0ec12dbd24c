"""The attack pack against the server as it is, against each planted bug, and against servers that do not work."""

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from auth_server.planted_bugs.catalogue import BUGS
from tests.auth_server.attacks.pack import ATTACKS
from tests.auth_server.attacks.server import Server, opened
from tests.auth_server.attacks.trial import Attack, Finding, Run, Trial, Verdict


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_server_withstands(attack: Attack) -> None:
    with opened(settings=attack.settings) as server:
        assert attack.on(server) == Finding(Verdict.SAFE)


@pytest.mark.parametrize(
    ("attack", "bug"), [pytest.param(attack, bug, id=bug) for attack in ATTACKS for bug in attack.bugs]
)
def test_a_planted_bug_is_found_by_its_attack(attack: Attack, bug: str) -> None:
    with opened(bug, settings=attack.settings) as server:
        assert attack.on(server).verdict is Verdict.VULNERABLE


class Stopped(httpx.AsyncBaseTransport):
    """A server that is not there."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody listens", request=request)


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(Stopped(), id="that is stopped"),
        pytest.param(PlainTextResponse("Internal Server Error", 500), id="that always answers 500"),
        pytest.param(PlainTextResponse("OK", 200), id="that always answers 200"),
        pytest.param(JSONResponse({}, 200), id="that always answers 200 with an object"),
        pytest.param(PlainTextResponse("", 403), id="that refuses everything"),
    ],
)
def test_no_attack_calls_a_server_safe(answers: object) -> None:
    with opened(answers=answers) as server:
        verdicts = {str(attack): attack.on(server).verdict for attack in ATTACKS}
    assert {name for name, verdict in verdicts.items() if verdict is not Verdict.INCONCLUSIVE} == set()


def test_every_planted_bug_has_an_attack_and_every_attack_a_bug() -> None:
    assert {bug for attack in ATTACKS for bug in attack.bugs} == set(BUGS)
    assert all(attack.bugs for attack in ATTACKS)
    assert len({attack.row for attack in ATTACKS}) == len(ATTACKS)


def found(run: Run) -> Finding:
    with opened() as server:
        return Attack("A0", (), "a fact", run, {}).on(server)


def test_a_failed_control_is_inconclusive_whatever_would_have_come_after_it() -> None:
    def run(trial: Trial, server: Server) -> None:
        trial.control(False, "the twin works")
        trial.safe(False, "nothing happens")

    assert found(run) == Finding(Verdict.INCONCLUSIVE, "the honest twin failed: the twin works")


def test_an_attack_without_a_control_or_without_a_check_is_inconclusive() -> None:
    assert found(lambda trial, _: trial.safe(True, "nothing happens")).verdict is Verdict.INCONCLUSIVE
    assert found(lambda trial, _: trial.control(True, "the twin works")).verdict is Verdict.INCONCLUSIVE


def test_trouble_on_the_way_is_inconclusive() -> None:
    def run(trial: Trial, server: Server) -> None:
        trial.control(True, "the twin works")
        server.request("GET", "/phone-api/v1/server").json()["no such thing"]

    assert found(run) == Finding(Verdict.INCONCLUSIVE, "KeyError('no such thing')")
