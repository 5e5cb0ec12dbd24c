"""A phone that is switched on, with the broker's app on it. Loaded when the first phone of a run is."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from fake_gateways.mail import Mail
from fake_gateways.sms import Text as TextMessage
from harness.clock import Now
from simulator.biometrics import BiometricKind, SensorResult
from simulator.phone import Language, MailOnPhone, Phone, TextOnPhone
from simulator.securities.app import SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage


@contextmanager
def switched_on(
    folder: Path, *, origin: str, client: httpx.AsyncClient, now: Now, language: Language
) -> Generator[tuple[Phone, SecuritiesApp]]:
    """Start a phone from what its folder holds, and give it with the broker's app. Its screen stays dark."""
    with Storage(folder, durable=False) as storage:
        phone = Phone(storage, now=now, language=language)
        yield phone, SecuritiesApp(phone, HttpBrokerApi(origin, client, language=language))


def enrol(phone: Phone, kind: str) -> None:
    """Add a finger or a face to those that the sensor knows: `fingerprint` or `face`."""
    phone.biometrics.add(BiometricKind(kind))


def let_sensor_find(phone: Phone, result: str) -> None:
    """What comes of the next scans, as `SensorResult` names it."""
    phone.biometrics.next_result = SensorResult(result)


def deliver(message: Mail | TextMessage, phone: Phone) -> None:
    """Put a message into the phone's mail app, or among its texts."""
    match message:
        case Mail():
            phone.deliver_mail(
                MailOnPhone(
                    number=message.number,
                    sender=str(message.sender),
                    subject=message.subject,
                    text=message.readable,
                    html=message.html,
                    pictures=tuple(message.pictures.values()),
                    received_at=message.received_at,
                )
            )
        case TextMessage():
            phone.deliver_text(
                TextOnPhone(
                    number=message.number, sender=message.sender, text=message.text, received_at=message.received_at
                )
            )
