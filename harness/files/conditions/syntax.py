"""The grammar of conditions: text to a tree of terms, each with its place, so that a mistake is told where it stands.

The library that evaluates them has a tree of its own and shows it to nobody. What it cannot do is no part of this grammar either.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from harness.errors import ConditionError

CHARACTERS_MAX = 2_000
"""A longer condition is a program, and no sentence about a host."""
TOKENS_MAX = 400
"""Nor may it have more words and signs, so that no chain of them is deeper than a reader can follow."""
DEPTH_MAX = 40
"""So deep may brackets and signs be nested."""
MACROS = {"all": (2,), "exists": (2,), "exists_one": (2,), "filter": (2,), "map": (2, 3)}
"""What goes through a list: the name of a variable and a condition for each item."""

_TOKEN = re.compile(
    r"""(?P<space>[\t\n\f\r ]+|//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<number>0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+[uU]?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_RESERVED = frozenset(
    ("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace")
) | {"return", "var", "void", "while"}
_WORDS = {"true": "bool", "false": "bool", "null": "null"}


class Term(NamedTuple):
    """One part of a condition. `kind` tells what it is, `text` its name, sign or literal, `parts` what stands in it.

    `literal`: `text` is its type, `value` what it is · `name` · `member`, `index`: of their first part · `call`: a function ·
    `method`: the same of its first part · `macro`: through its first part, `value` the variable · `has` · `not`, `minus`, and the
    signs of two parts · `choice` · `list` · `map`: keys and values in turn.
    """

    kind: str
    at: int
    end: int
    text: str = ""
    parts: tuple["Term", ...] = ()
    value: str = ""


class Token(NamedTuple):
    """One word of a condition; `sort` is empty at its end."""

    sort: str
    text: str
    at: int


def read(text: str) -> Term:
    """The tree of a condition; ConditionError with the place of what is wrong with it."""
    if len(text) > CHARACTERS_MAX:
        raise ConditionError(f"the condition has more than {CHARACTERS_MAX} characters (CHARACTERS_MAX)", CHARACTERS_MAX)
    tokens = list(_tokens(text))
    if len(tokens) > TOKENS_MAX:
        raise ConditionError(f"the condition has more than {TOKENS_MAX} words and signs (TOKENS_MAX)", tokens[TOKENS_MAX].at)
    reader = _Reader(tokens)
    term = reader.expression()
    reader.end()
    return term


def walk(term: Term) -> Iterator[Term]:
    """The term and all within it."""
    left = [term]
    while left:
        yield (one := left.pop())
        left.extend(reversed(one.parts))


def start(term: Term) -> int:
    """Where a term begins, which for a member is before the name by which it is told."""
    while term.kind in ("member", "method", "macro"):
        term = term.parts[0]
    return term.at


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            what = "this text is not closed" if text[place] in "'\"" else f"`{text[place]}` means nothing here"
            raise ConditionError(what, place)
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match[0], place)
        place = match.end()
    yield Token("", "", len(text))


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self, *signs: str) -> Token | None:
        """The next token, if it is one of these signs; it is behind us then."""
        token = self._next
        if token.text not in signs or token.sort not in ("sign", "name"):
            return None
        self._place += 1
        return token

    def _want(self, sign: str) -> Token:
        return self._take(sign) or self._refuse(f"`{sign}` is missing here")

    def _refuse(self, cause: str, at: int | None = None) -> NoReturn:
        token = self._next
        if at is None and not token.sort:
            cause = f"the condition ends too early: {cause}"
        raise ConditionError(cause, token.at if at is None else at, len(token.text))

    def end(self) -> None:
        """Nothing may follow."""
        if self._next.sort:
            self._refuse("nothing is expected after a whole condition; a sign such as `&&` may be missing")

    def expression(self) -> Term:
        """A whole condition, or one in brackets."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            self._refuse(f"nested deeper than {DEPTH_MAX} levels (DEPTH_MAX)")
        first = self._level(0)
        if self._take("?"):
            yes = self._level(0)
            self._want(":")
            no = self.expression()
            first = Term("choice", start(first), no.end, "?", (first, yes, no))
        self._depth -= 1
        return first

    def _level(self, level: int) -> Term:
        if level == len(_LEVELS):
            return self._unary()
        left = self._level(level + 1)
        while token := self._take(*_LEVELS[level]):
            right = self._level(level + 1)
            left = Term("binary", start(left), right.end, token.text, (left, right))
        return left

    def _unary(self) -> Term:
        signs: list[Token] = []
        while token := self._take(*([signs[0].text] if signs else ("!", "-"))):
            signs.append(token)
            if len(signs) > DEPTH_MAX:
                self._refuse(f"nested deeper than {DEPTH_MAX} levels (DEPTH_MAX)")
        term = self._followed(self._primary())
        for token in reversed(signs):
            term = Term("not" if token.text == "!" else "minus", token.at, term.end, token.text, (term,))
        return term

    def _followed(self, term: Term) -> Term:
        """A value with its members, indexes and calls."""
        while token := self._take(".", "["):
            if token.text == "[":
                index = self.expression()
                term = Term("index", start(term), self._want("]").at + 1, "[]", (term, index))
                continue
            name = self._next
            if name.sort != "name":
                self._refuse("the name of a member is missing here")
            if name.text in (*_WORDS, "in"):
                self._refuse(f'a member of this name is written `["{name.text}"]`')
            self._place += 1
            term = (
                self._method(term, name)
                if self._take("(")
                else Term("member", name.at, name.at + len(name.text), name.text, (term,))
            )
        return term

    def _method(self, of: Term, name: Token) -> Term:
        arguments = self._items(")")
        end = self._tokens[self._place - 1].at + 1
        if name.text not in MACROS:
            return Term("method", name.at, end, name.text, (of, *arguments))
        if len(arguments) not in MACROS[name.text] or arguments[0].kind != "name":
            self._refuse(f"`{name.text}` is written `{name.text}(item, condition of item)`", name.at)
        return Term("macro", name.at, end, name.text, (of, *arguments[1:]), arguments[0].text)

    def _items(self, closing: str) -> tuple[Term, ...]:
        """What stands between brackets, the opening one of which is behind us."""
        found: list[Term] = []
        while not self._take(closing):
            if found:
                self._want(",")
                if closing != ")" and self._take(closing):
                    break
            found.append(self.expression())
        return tuple(found)

    def _primary(self) -> Term:
        token = self._next
        self._place += bool(token.sort)
        end = token.at + len(token.text)
        if token.sort == "text":
            kind = "bytes" if "b" in token.text[:2].lower().split('"')[0].split("'")[0] else "text"
            return Term("literal", token.at, end, kind, value=_text_of(token.text))
        if token.sort == "number":
            kind = "uint" if token.text[-1] in "uU" else "double" if _is_double(token.text) else "int"
            return Term("literal", token.at, end, kind, value=token.text)
        if token.sort == "name" and token.text != "in":
            return self._named(token, end)
        return self._bracketed(token)

    def _named(self, token: Token, end: int) -> Term:
        if token.text in _RESERVED:
            self._refuse(f"`{token.text}` is a word that the language keeps for itself", token.at)
        if token.text in _WORDS:
            return Term("literal", token.at, end, _WORDS[token.text], value=token.text)
        if not self._take("("):
            return Term("name", token.at, end, token.text)
        arguments = self._items(")")
        end = self._tokens[self._place - 1].at + 1
        if token.text != "has":
            return Term("call", token.at, end, token.text, arguments)
        if len(arguments) != 1 or arguments[0].kind != "member":
            self._refuse("`has` asks for a member, as in `has(host.status.errorMessage)`", token.at)
        return Term("has", token.at, end, "has", arguments)

    def _bracketed(self, token: Token) -> Term:
        if token.text == "(":
            inner = self.expression()
            self._want(")")
            return inner
        if token.text == "[":
            items = self._items("]")
            return Term("list", token.at, self._tokens[self._place - 1].at + 1, "[]", items)
        if token.text == "{":
            return self._map(token)
        self._place -= bool(token.sort)
        return self._refuse("a value is missing here")

    def _map(self, token: Token) -> Term:
        found: list[Term] = []
        while not self._take("}"):
            if found:
                self._want(",")
            found.append(self.expression())
            self._want(":")
            found.append(self.expression())
        return Term("map", token.at, self._tokens[self._place - 1].at + 1, "{}", tuple(found))


def _is_double(text: str) -> bool:
    return not text.lower().startswith("0x") and any(it in text for it in ".eE")


def _text_of(literal: str) -> str:
    """What a text in quotes says; as it is written where its escapes are not Python's."""
    try:
        value = ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        return literal
    return value if isinstance(value, str) else literal
