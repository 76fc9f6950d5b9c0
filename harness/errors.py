"""What can go wrong, and whose fault it is; imports nothing."""


class PreflightFailedError(Exception):
    """The pre-flight found the lab unfit; nothing was done to it."""


class UsageError(Exception):
    """What was asked for cannot be done; the text names the cause and the cure."""


class LabBrokeError(Exception):
    """The lab, not what is tested in it, did not do its part; the text says what broke."""


class StepFailedError(Exception):
    """The system under test did not do what a step asked of it: a finding, not an error of ours."""


class BadWordError(Exception):
    """A word whose module does not keep the contract; the text names the module and what it lacks."""


class JournalError(Exception):
    """A journal that cannot be read or written; the text names file, line and cure."""
