"""Gives a customer an active token before a scenario begins, by the phone's own app, without touching its screen."""

from collections.abc import Mapping

from fake_gateways.inbox import NothingCame
from fake_gateways.people import belongs_to
from fake_gateways.profiles import Matched, MessageProfile
from harness.actors.handset import Handset
from harness.actors.messages import person_of
from harness.actors.scene import Scene
from harness.errors import EnvironmentNotReady
from harness.targets.customers import Customer
from simulator.securities.app import AppRefusal

PATIENCE_SECONDS = 10.0
ACTIVATION_CODE = "activation-code"
REGISTRATION = "token-registration"


async def bind_token(
    customer: Customer, handset: Handset, scene: Scene, profiles: Mapping[str, MessageProfile]
) -> None:
    """Enrol the customer's phone as the customer would (M9–M18), and log out again.

    Raises EnvironmentNotReady when the server does not let it.
    """
    app = handset.app
    try:
        await app.answer_permission(allowed=True)
        await app.accept_disclaimer()
        await app.finish_tutorial()
        await app.log_in(customer.account, customer.password)
        bookmark = scene.inbox.bookmark
        await app.start_enrolment()
        await app.confirm_sms_code(await _value(customer, scene, bookmark, profiles[ACTIVATION_CODE], "code"))
        await app.choose_pin(customer.pin, customer.pin)
        bookmark = scene.inbox.bookmark
        await app.request_registration()
        registration_code = await _value(customer, scene, bookmark, profiles[REGISTRATION], "code")
        await app.bind_with_code(customer.account, registration_code)
        await app.log_out()
    except AppRefusal as refusal:
        raise EnvironmentNotReady(f"the token of {customer} could not be made active: {refusal}") from None
    except KeyError as missing:
        raise EnvironmentNotReady(
            f"the target has no message profile {missing}; a token cannot be made active"
        ) from None


async def _value(customer: Customer, scene: Scene, after: int, profile: MessageProfile, name: str) -> str:
    """Wait for a message of this profile and give one of its values."""
    person = person_of(customer)
    try:
        message = await scene.inbox.wait_for(
            lambda message: (
                belongs_to(message, person) and isinstance(profile.match(message, origin=scene.origin), Matched)
            ),
            after=after,
            patience_seconds=PATIENCE_SECONDS,
            wanted=f"{profile.name} for {customer}",
        )
    except NothingCame as nothing:
        raise EnvironmentNotReady(str(nothing)) from None
    matched = profile.match(message, origin=scene.origin)
    assert isinstance(matched, Matched)
    return matched.values[name]
