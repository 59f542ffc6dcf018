"""What can go wrong on the link, in sentences."""

from thresh.layout.link import Fault

REASONS = {
    Fault.PACKET: "the packet arrived damaged",
    Fault.COMMAND: "it does not know the command",
    Fault.LENGTH: "the payload has the wrong length",
    Fault.NOT_LOADED: "no network is loaded",
    Fault.RANGE: "the address lies outside its memories",
    Fault.CHECKSUM: "what was written is not what was sent",
    Fault.NO_NETWORK: "its memories hold no network, so that none is loaded any more",
}


class LinkError(ValueError):
    """The accelerator cannot be reached or does not do what it was asked."""


class RefusedError(LinkError):
    """The accelerator answered with a fault.

    Parameters
    ----------
    what : str
        What was asked.
    code : int
        The `Fault`, or a number that is none.
    """

    def __init__(self, what: str, code: int) -> None:
        known = code in set(Fault)
        reason = REASONS[Fault(code)] if known else f"of fault {code}, which is not known here"
        super().__init__(f"The accelerator refused {what}: {reason}")
        self.code = code
