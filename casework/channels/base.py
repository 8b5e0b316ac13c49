from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    text: str
    url: str = ""


@dataclass(frozen=True)
class Letter:
    key: str
    subject: str
    lines: tuple
    urgent: bool = False


class ChannelError(Exception): ...


class TryLater(ChannelError):
    def __init__(self, reason, after=None):
        super().__init__(reason)
        self.after = after


class GiveUp(ChannelError): ...
