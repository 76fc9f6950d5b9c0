"""The words of scenarios: every step, fault and check with its arguments."""

from harness.errors import BadWordError
from harness.files.declaration import Word, declared
from harness.files.words import ROLES, Role, WordFiles


class Words:
    """All words that there are; each is imported when it is asked for."""

    def __init__(self, files: WordFiles | None = None) -> None:
        self.files = files or WordFiles()

    def names(self, role: Role) -> list[str]:
        """Every word of a role, sorted; nothing is imported."""
        return self.files.names(role)

    def find(self, role: Role, name: str) -> Word:
        """Import a word. Raises KeyError where there is none of that name, BadWordError where its module is wrong."""
        return declared(self.files.find(role, name))

    def everything(self) -> tuple[list[Word], list[str]]:
        """Every word, steps first, then faults, then checks; and what is wrong with those that are none."""
        words: list[Word] = []
        wrong = list(self.files.broken)
        for role, name in [(it, name) for it in ROLES for name in self.names(it)]:
            try:
                words.append(self.find(role, name))
            except BadWordError as error:
                wrong.append(str(error))
        return words, wrong
