"""How a story can stop before its end, other than by a step that the system did not do."""


class Refused(Exception):
    """The pre-flight found the lab unfit; nothing was done to it."""
