"""Hashers that tests put in the place of the real one."""

import threading
from typing import ClassVar

from django.contrib.auth.hashers import MD5PasswordHasher

from preau.domain.accounts.errors import TooBusyError


class BusyHasher(MD5PasswordHasher):
    """A machine whose hashing slots are all taken."""

    algorithm = "busy"

    def encode(self, *_):
        raise TooBusyError

    def verify(self, *_):
        raise TooBusyError


class CountingHasher(MD5PasswordHasher):
    """Counts the hashes computed, each `encode` and each `verify` being one."""

    algorithm = "counting"
    computed: ClassVar[list[str]] = []

    def encode(self, password, salt):
        self.computed.append("hash")
        return super().encode(password, salt)


class MeetingHasher(MD5PasswordHasher):
    """Holds every hash until `meeting` is complete: the requests of a race all stand at the same step."""

    algorithm = "meeting"
    meeting: ClassVar[threading.Barrier]

    def encode(self, password, salt):
        self.meeting.wait(timeout=10)
        return super().encode(password, salt)
