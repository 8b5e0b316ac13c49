"""One message out through its channel."""

import hashlib
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from casework.channels.base import GiveUp, Letter
from casework.channels.bucket import counted_call
from casework.channels.email import send_email
from casework.channels.robots import send_robot
from casework.channels.sms import send_sms
from casework.choices import Channel
from casework.models import Message

# Both robot services take twenty messages a minute.
ROBOT_PER_MINUTE = 20


def send(message: Message, letter: Letter, *, now: datetime) -> bool:
    """Whether it left the house; without a carrier text messages do not. A robot takes its turn: twenty a minute.

    Raises TryLater or GiveUp, as the channel does.
    """
    robot = message.robot
    if robot is not None:
        if not robot.is_active:
            raise GiveUp(_("This robot is switched off."))
        kind: Any = robot.channel  # one of the two the column allows
        with counted_call(bucket_of(robot.url), per_minute=ROBOT_PER_MINUTE):
            send_robot(kind=kind, url=robot.url, secret=robot.secret, letter=letter, now=now)
        return True
    person: Any = message.recipient
    if message.channel == Channel.EMAIL:
        send_email(to=person.email, letter=letter)
        return True
    return send_sms(to=person.phone, letter=letter)


def bucket_of(url: str) -> str:
    """Two rows with the same address are one robot to its service. SECURITY: the address itself stays out of Redis."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]
