"""Whatever a customer and two attackers do, in whichever order and at whichever time, the invariants hold.

The runs are the same each time. That a broken rule is noticed is shown with some of the planted bugs.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.auth_server.proofs.journeys_on_the_phone import Journeys

RUNS = settings(
    max_examples=10,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
EVERYTHING = {
    *("login", "phone-login", "ticket", "password-changed", "activation code", "binding"),
    *("token-bound", "token-cleared", "biometrics-registered", "unlock"),
}


def test_in_its_order_each_thing_succeeds_and_is_held_to_what_it_needs() -> None:
    """What never succeeded would never be held to anything."""
    journeys = Journeys()
    journeys.succeeded.clear()
    journeys.have_a_token(has_token=False)
    journeys.enrol(0, how_far=4)
    journeys.wait(61)
    journeys.log_in("the customer's", "token", how_far=3)
    journeys.go_to_a_service("the customer's", age=0)
    journeys.register_biometrics(0, fresh=True, other_phone=False)
    journeys.ask_for_a_reset(by_staff=False, follow=True)
    journeys.log_in_on_a_phone(0, right=True)
    journeys.clear_the_token(0)
    journeys.teardown()
    assert journeys.succeeded == EVERYTHING


def test_in_any_order_the_invariants_hold() -> None:
    run_state_machine_as_test(Journeys, settings=RUNS)


@pytest.mark.parametrize("bug", ["otp_reuse", "sessions_survive", "no_notice", "bio_replay"])
def test_a_broken_rule_is_noticed(bug: str) -> None:
    class Broken(Journeys):
        bugs = (bug,)

    # The first failure is enough: nobody needs the shortest way to it.
    runs = settings(RUNS, phases=(Phase.generate,), max_examples=40)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Broken, settings=runs)
