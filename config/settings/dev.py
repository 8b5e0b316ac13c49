"""A developer's machine and the demonstration: plain HTTP on the loopback address."""

from config.settings.base import *
from config.settings.base import env

ADMIN_SECOND_FACTOR = env.bool("ADMIN_SECOND_FACTOR", default=False)
