"""The formats of text that a structural schema may ask for; any other asks for nothing."""

import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlsplit

FormatTest = Callable[[str], bool]

_HEX4 = "-?[0-9a-f]{4}"
_LETTER = r"[^\W_]"
_HOST = re.compile(rf"{_LETTER}(-?{_LETTER}{{0,62}})?|({_LETTER}([\w-]{{0,61}}{_LETTER})?\.)+[^\W\d_]{{2,63}}")
_GO_DURATION = re.compile(r"[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)")
_DURATION = re.compile(
    r"(\d+)\s*(ns|nano|µs|us|micro|ms|milli|s$|s\s|s\d|sec|m$|m\s|m\d|min|h$|h\s|h\d|hr|hour|d$|d\s|d\d|day|w$|w\s|w\d|wk|week)",
    re.IGNORECASE,
)


def _parses(parse: Callable[[str], object]) -> FormatTest:
    def test(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return test


def _looks(pattern: str) -> FormatTest:
    wanted = re.compile(pattern)
    return lambda text: wanted.fullmatch(text) is not None


def is_cidr(text: str) -> bool:
    """Whether it is an address and the length of its network's prefix."""
    return (
        text.rpartition("/")[2].isdigit() and "/" in text and _parses(lambda each: ipaddress.ip_network(each, strict=False))(text)
    )


def is_uri(text: str) -> bool:
    """Whether it is an absolute URI, or a path from the root."""
    if not text.isprintable() or " " in text:
        return False
    return text.startswith("/") or (bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:.", text)) and _parses(urlsplit)(text))


def _is_hostname(text: str) -> bool:
    return len(text) <= 255 and _HOST.fullmatch(text) is not None


def _is_duration(text: str) -> bool:
    return _GO_DURATION.fullmatch(text) is not None or _DURATION.search(text) is not None


def _is_base64(text: str) -> bool:
    return len(text) % 4 == 0 and re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text) is not None


FORMATS: dict[str, FormatTest] = {
    "uri": is_uri,
    "email": _looks(r"([^@\s<>]+@[^@\s<>]+|[^@<>]*<[^@\s<>]+@[^@\s<>]+>)"),
    "hostname": _is_hostname,
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": _parses(ipaddress.IPv6Address),
    "cidr": is_cidr,
    "mac": _looks(r"([0-9A-Fa-f]{2}([:-])([0-9A-Fa-f]{2}\2)*[0-9A-Fa-f]{2}|([0-9A-Fa-f]{4}\.)+[0-9A-Fa-f]{4})"),
    "uuid": _looks(rf"(?i)[0-9a-f]{{8}}({_HEX4}){{3}}-?[0-9a-f]{{12}}"),
    "byte": _is_base64,
    "date": _parses(lambda text: date.fromisoformat(text) if len(text) == 10 else int("")),
    "datetime": _parses(datetime.fromisoformat),
    "date-time": _parses(datetime.fromisoformat),
    "duration": _is_duration,
    "password": lambda _: True,
}
_NUMBERS = {"integer": ("int32", "int64"), "number": ("float", "double")}


def format_of(schema: dict[str, object]) -> str:
    """The format that a schema asks for; empty for one that its type does not have."""
    form, kind = str(schema.get("format") or ""), str(schema.get("type") or "string")
    if kind != "string":
        return form if form in _NUMBERS.get(kind, ()) else ""
    return form if form in FORMATS or form.replace("-", "") in FORMATS else ""


def fits(form: str, text: str) -> bool:
    """Whether a text is of this format."""
    return (FORMATS.get(form) or FORMATS[form.replace("-", "")])(text)
