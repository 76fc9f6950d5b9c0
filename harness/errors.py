"""What can go wrong, and whose fault it is; imports nothing."""


class PreflightFailedError(Exception):
    """The pre-flight checks failed; the lab was not changed."""


class UsageError(Exception):
    """The request is invalid or impossible; the text names cause and remedy (exit code 2)."""


class LabBrokeError(Exception):
    """The lab itself failed, not the system under test; the text says what broke (exit code 4)."""


class HeldError(Exception):
    """Somebody else holds what was to be written; the text says who, since when, and the cure (exit code 4)."""


class LeaseLostError(HeldError):
    """What we held is another's by now, or may be; nothing more is written."""


class StepFailedError(Exception):
    """The system under test did not do what a step asked of it: a finding, not an error of ours."""


class HaltedError(StepFailedError):
    """An earlier step ended so that no other may follow; what that means is for the checks to say."""


class BadWordError(Exception):
    """A word whose module does not keep the contract; the text names the module and what it lacks."""


class UndoError(Exception):
    """A write that could not be taken back, because nobody here knows how; the text says why and names the cure."""


class JournalError(Exception):
    """A journal that cannot be read or written; the text names file, line and cure."""


class JournalBrokenError(JournalError):
    """A running journal whose lines do not come onto the disk any more; the text says why."""


class UnwrittenVerdictError(Exception):
    """The papers of a run that was judged cannot be written; `verdict` is its word, which was printed."""

    def __init__(self, directory: object, verdict: str, error: OSError) -> None:
        """`directory` (a path) is the run's, `error` what the system said."""
        self.verdict = verdict
        place = error.filename or directory
        super().__init__(
            f"{place}: cannot be written ({error.strerror}); the verdict is printed above; make room, then `harness judge {directory}`"
        )


class ConditionError(Exception):
    """A condition that cannot be read, or has no value; `at` and `width` tell which of its characters are wrong.

    `missing` is the member that was not there, where that is why it has no value.
    """

    def __init__(self, cause: str, at: int = 0, width: int = 1, missing: str = "") -> None:
        super().__init__(cause)
        self.at = at
        self.width = max(1, width)
        self.missing = missing
