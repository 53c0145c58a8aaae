"""What the service answers instead of a result. `why` is for the journal only."""


class EnvelopeError(Exception):
    """Not a SOAP 1.1 call of this service, or not in the order of its schema: answered by the SOAP layer."""


class RefusedError(Exception):
    """A call understood and refused: a `result` with one of the codes of 8.4, with status 200."""

    def __init__(self, code: str, why: str, field: str = "") -> None:
        super().__init__(why)
        self.code, self.why, self.field = code, why, field
