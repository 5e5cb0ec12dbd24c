"""Which screens belong to where the customer stands in the broker's app (M9–M19, M23, M24, M29)."""

from collections.abc import Mapping
from typing import assert_never

from simulator.securities.app import SecuritiesApp
from simulator.securities.states import EnrolmentStep, FirstStart, LoginState, TokenState
from simulator.view.screens.account import AccountScreen
from simulator.view.screens.binding import BindingChoiceScreen
from simulator.view.screens.binding_end import UnfinishedScreen
from simulator.view.screens.choose_pin import ChoosePinScreen
from simulator.view.screens.enrolment import OfferTokenScreen, SmsCodeScreen
from simulator.view.screens.first_start import DisclaimerScreen, NotificationPermissionScreen, TutorialScreen
from simulator.view.screens.login import WelcomeScreen
from simulator.view.screens.notice import DamagedScreen
from simulator.view.screens.screen import Opening
from simulator.view.screens.token import TokenPinScreen


def entry(securities: SecuritiesApp) -> tuple[Opening, ...]:
    """The screens when the app is opened, or when it has nothing better to show."""
    if securities.is_barred:
        from simulator.view.screens.barred import BarredScreen  # noqa: PLC0415 - few phones are

        return (BarredScreen,)
    progress = securities.progress
    match progress:
        case FirstStart.PERMISSION:
            return (NotificationPermissionScreen,)
        case FirstStart.DISCLAIMER:
            return (DisclaimerScreen,)
        case FirstStart.TUTORIAL:
            return (TutorialScreen,)
        case FirstStart.READY:
            return (WelcomeScreen,) if securities.session is None else (AccountScreen,)
        case _:
            assert_never(progress)


def after_login(securities: SecuritiesApp) -> tuple[Opening, ...]:
    """The screens after a login: a first one offers the token (M13); an interrupted one waits at its tile (M19).

    A phone that has lost its token meanwhile is told so (M23).
    """
    if securities.token is TokenState.ENDED:
        return token(securities)
    session = securities.session
    begins = session is not None and session.state is LoginState.SET_UP_TOKEN
    if begins and securities.token is TokenState.NONE and securities.enrolment_step is EnrolmentStep.NONE:
        return (AccountScreen, OfferTokenScreen)
    return entry(securities)


def token(securities: SecuritiesApp) -> tuple[Opening, ...]:
    """The screens behind 保安編碼器: the code, or the next step towards having one (M19)."""
    return entry(securities) if securities.is_barred else (*entry(securities), _behind_token(securities))


def _behind_token(securities: SecuritiesApp) -> Opening:
    match securities.token:
        case TokenState.DAMAGED:
            return DamagedScreen
        case TokenState.ENDED:
            from simulator.view.screens.token_end import TokenEndedScreen  # noqa: PLC0415 - most tokens live on

            return TokenEndedScreen
        case _:
            return _STEP_SCREENS[securities.enrolment_step]


_STEP_SCREENS: Mapping[EnrolmentStep, Opening] = {
    EnrolmentStep.NONE: OfferTokenScreen,
    EnrolmentStep.SMS_CODE: SmsCodeScreen,
    EnrolmentStep.CHOOSE_PIN: ChoosePinScreen,
    EnrolmentStep.REGISTRATION: UnfinishedScreen,
    EnrolmentStep.BINDING: BindingChoiceScreen,
    EnrolmentStep.FINISH: UnfinishedScreen,
    EnrolmentStep.ACTIVE: TokenPinScreen,
}
"""What asks for the next thing to do, for each step."""
