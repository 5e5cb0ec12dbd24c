"""生物認證服務: terms, registering, unlocking the token by face or finger, and giving it up (M21, M22, M30)."""

from contextlib import suppress
from dataclasses import replace
from typing import Final

from simulator.biometrics import SensorResult
from simulator.securities.answers import BiometricsRegistered, BiometricsStanding, Purpose, Terms
from simulator.securities.api import Refused, ServerBroken, ServerUnreachable
from simulator.securities.biometric_seal import BiometricKey, SealedBiometrics, set_for_server
from simulator.securities.keys import SealBroken, fields
from simulator.securities.refusals import AppRefusal, PinNeeded, TermsChanged
from simulator.securities.soft_token import SealedToken, code_at
from simulator.securities.token_use import UnlockedToken, open_seed, token_in_use
from simulator.securities.workings import Workings

_REASONS: Final = {
    "biometric-set-changed": "此電話的生物特徵記錄已更改，生物認證服務已暫停。請使用保安編碼器密碼，並重新登記。",
    "password-changed": "登入密碼已更改，生物認證服務已暫停。請使用保安編碼器密碼，並重新登記。",
    "new-phone": "帳戶曾在另一部電話登入，生物認證服務已暫停。請使用保安編碼器密碼，並重新登記。",
    "too-many-failures": "生物認證失敗次數過多，生物認證服務已暫停。請使用保安編碼器密碼，並重新登記。",
}
_SOME_REASON: Final = "生物認證服務已暫停。請使用保安編碼器密碼，並重新登記。"


class BiometricService:
    """The service on one phone. Every method raises `AppRefusal` when it was not done."""

    def __init__(self, workings: Workings) -> None:
        self._workings = workings

    @property
    def suspended_for(self) -> str:
        """Why the service is suspended, a sentence; empty when it is not, or nothing is known of it."""
        settings = self._workings.settings
        if settings is None or settings.biometrics is not BiometricsStanding.SUSPENDED:
            return ""
        return self._workings.words(_REASONS.get(settings.suspended_for or "", _SOME_REASON))

    async def terms(self) -> Terms:
        """The terms in force, in the phone's language (M21a)."""
        workings = self._workings
        async with workings.turn():
            self._need_biometrics()
            workings.need_network()
            with workings.asking():
                token_in_use(workings)
                return await workings.api.biometrics_terms()

    async def enable(self, terms: Terms, pin: str) -> None:
        """Register, once the customer has agreed to the terms and typed the PIN (M21).

        Raises `TermsChanged` when the terms are no longer those in force.
        """
        workings = self._workings
        async with workings.turn():
            session = workings.logged_in()
            self._need_biometrics()
            workings.need_network()
            seed = await open_seed(workings, pin)
            with workings.asking():
                token, key = token_in_use(workings), BiometricKey.make()
                try:
                    registered = await _register(workings, session.secret, terms, token, key, seed)
                except Refused as refused:
                    raise _better_told(workings, refused) from refused
                workings.keep(replace(workings.record, biometrics=_sealed(workings, token, key, seed, registered)))
                _note_standing(workings, BiometricsStanding.ACTIVE)

    async def cancel(self) -> None:
        """End the registration, on the server and here."""
        workings = self._workings
        async with workings.turn():
            session = workings.logged_in()
            workings.need_network()
            with workings.asking():
                await workings.api.end_biometrics(session.secret)
                workings.drop_biometrics()
                _note_standing(workings, BiometricsStanding.NONE)

    async def unlock(self) -> UnlockedToken:
        """Open the token with a face or finger (M30).

        Raises `PinNeeded` when only the PIN helps now. After any other refusal it may be tried again.
        """
        workings = self._workings
        async with workings.turn():
            try:
                workings.need_network()
            except AppRefusal as refusal:
                raise PinNeeded(refusal.message) from refusal
            with workings.asking():
                token, kept = token_in_use(workings), workings.record.biometrics
                if kept is None:
                    raise PinNeeded(workings.words(_SOME_REASON))
                key = _usable_key(workings, kept)
                if key is not None:
                    self._scan()
                return await self._open(token, kept, key)

    async def _open(self, token: SealedToken, kept: SealedBiometrics, key: BiometricKey | None) -> UnlockedToken:
        workings = self._workings
        try:
            release_key = await _ask_for_release_key(workings, token, kept, key)
        except Refused as refused:
            raise _after_refusal(workings, refused) from refused
        seed = None
        with suppress(SealBroken):
            seed = key and key.open_seed(
                kept.box,
                release_key,
                biometrics_id=kept.biometrics_id,
                account=token.account,
                token_id=token.token_id,
            )
        if seed is None:
            workings.drop_biometrics()
            raise PinNeeded(workings.words("生物認證未能完成，請輸入保安編碼器密碼。"))
        return UnlockedToken(seed, workings.phone.now)

    def _need_biometrics(self) -> None:
        if not self._workings.phone.biometrics.enrolled:
            raise self._workings.refusal("此電話沒有登記指紋或面容。請先在電話的「設定」加入。")

    def _scan(self) -> None:
        """Let the phone's sensor compare. Only a match leads on."""
        workings = self._workings
        match workings.phone.biometrics.scan():
            case SensorResult.MATCH:
                return
            case SensorResult.NO_MATCH:
                raise workings.refusal("不相符。請再試一次。")
            case SensorResult.CANCELLED:
                raise PinNeeded(workings.words("已取消生物認證。請輸入保安編碼器密碼。"))
            case SensorResult.LOCKED_OUT:
                raise PinNeeded(workings.words("失敗次數過多，感應器已鎖定。請輸入保安編碼器密碼。"))


async def report_changed_set(workings: Workings) -> None:
    """Tell the server when the phone's set of biometrics is no longer the one that was registered (M22).

    What goes wrong is left for the next time: the phone itself can no longer use the registration.
    """
    token, kept = workings.record.token, workings.record.biometrics
    if token is None or kept is None or _usable_key(workings, kept) is not None:
        return
    try:
        await _ask_for_release_key(workings, token, kept, None)
    except Refused as refused:
        _after_refusal(workings, refused)
    except (ServerUnreachable, ServerBroken):
        return


def _note_standing(workings: Workings, standing: BiometricsStanding) -> None:
    """Keep what the server told of the account up with what it has just done."""
    if workings.settings is not None:
        workings.settings = replace(workings.settings, biometrics=standing, suspended_for=None)


async def _register(
    workings: Workings, session: str, terms: Terms, token: SealedToken, key: BiometricKey, seed: bytes
) -> BiometricsRegistered:
    """Prove PIN and both keys. A lost answer is asked for once more: the server gives the same one."""
    challenge = await workings.api.challenge(Purpose.BIOMETRICS, session=session)
    biometric_set = set_for_server(workings.phone.biometrics.set_id)
    signed = fields(
        "twofold-biometrics-v1",
        workings.api.origin,
        token.account,
        token.token_id,
        *challenge.signed_fields,
        terms.version,
        biometric_set,
        key.public_key,
    )
    code = code_at(seed, workings.phone.now()).code
    signature, biometric_signature = workings.vault.keys.sign(signed), key.sign(signed)

    async def ask() -> BiometricsRegistered:
        return await workings.api.register_biometrics(
            session,
            terms_version=terms.version,
            public_key=key.public_key,
            biometric_set=biometric_set,
            code=code,
            challenge_id=challenge.challenge_id,
            signature=signature,
            biometric_signature=biometric_signature,
        )

    try:
        return await ask()
    except ServerUnreachable:
        return await ask()


def _sealed(
    workings: Workings, token: SealedToken, key: BiometricKey, seed: bytes, registered: BiometricsRegistered
) -> SealedBiometrics:
    return SealedBiometrics(
        biometrics_id=registered.biometrics_id,
        wrapped_key=key.wrap(set_id=workings.phone.biometrics.set_id, keys=workings.vault.keys),
        box=key.seal_seed(
            seed,
            registered.release_key,
            biometrics_id=registered.biometrics_id,
            account=token.account,
            token_id=token.token_id,
        ),
    )


def _better_told(workings: Workings, refused: Refused) -> Exception:
    """A refused registration, in words of its own where the phone knows more."""
    if refused.code == "terms-changed":
        return TermsChanged(refused.message)
    if refused.code == "wrong-pin" and workings.clock_is_off:
        return workings.refusal("電話的時間不準確，驗證碼不被接受。請校正電話的時間後再試。")
    return refused


def _usable_key(workings: Workings, kept: SealedBiometrics) -> BiometricKey | None:
    """The biometric key, or None once the phone's set of biometrics is another than at the registration."""
    biometrics = workings.phone.biometrics
    if not biometrics.enrolled:
        return None
    try:
        return BiometricKey.unwrap(kept.wrapped_key, set_id=biometrics.set_id, keys=workings.vault.keys)
    except SealBroken:
        return None


async def _ask_for_release_key(
    workings: Workings, token: SealedToken, kept: SealedBiometrics, key: BiometricKey | None
) -> bytes:
    challenge = await workings.api.challenge(Purpose.BIOMETRICS_UNLOCK, biometrics_id=kept.biometrics_id)
    biometric_set = set_for_server(workings.phone.biometrics.set_id)
    signed = fields(
        "twofold-biometrics-unlock-v1",
        workings.api.origin,
        token.account,
        token.token_id,
        *challenge.signed_fields,
        biometric_set,
    )
    return await workings.api.unlock_biometrics(
        biometrics_id=kept.biometrics_id,
        challenge_id=challenge.challenge_id,
        biometric_set=biometric_set,
        signature=workings.vault.keys.sign(signed),
        biometric_signature=None if key is None else key.sign(signed),
    )


def _after_refusal(workings: Workings, refused: Refused) -> Exception:
    """A refused unlock: what is suspended never opens again and is dropped, and the PIN is asked for."""
    match refused.code:
        case "biometrics-suspended":
            workings.drop_biometrics()
            return PinNeeded(workings.words(_REASONS.get(refused.reason or "", _SOME_REASON)))
        case "biometrics-refused":
            return PinNeeded(refused.message)
        case _:
            return refused
