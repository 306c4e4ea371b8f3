"""An arm: a protocol in its setting."""

from __future__ import annotations

from dataclasses import dataclass

from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting


@dataclass(frozen=True)
class Arm:
    """What to simulate: a protocol in its setting."""

    protocol: Protocol
    setting: Setting
