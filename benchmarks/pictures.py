"""The pictures of the README, made of a real run: `python -m benchmarks.pictures RUN_DIRECTORY FOLDER`.

`terminal.svg` is the end of the run as a terminal shows it, `report.svg` the head of its page: both are drawn from the run's own
documents by the code that shows them, so that they cannot promise more than there is.
"""

# ruff: noqa: INP001 - a script, no package

import re
import sys
import textwrap
from html import escape, unescape
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.report.terminal import print_conclusion

COLUMNS = 132
LINES_MAX = 34
"""The last lines of a long story are left out; the headline and the verdict's line are always shown."""
PAGE = "report.html"
WIDTH, MARGIN, TITLE_HEIGHT, LINE_HEIGHT = 1180, 20, 60, 22
LETTERS_A_LINE = 160


def terminal(directory: Path) -> str:
    """The end of a run on a terminal, as SVG: its table, the first lines of its stories, its verdict."""
    drawn = Console(file=StringIO(), record=True, width=COLUMNS, force_terminal=True, color_system="truecolor", highlight=False)
    said = StringIO()
    printed = Console(file=said, width=COLUMNS, force_terminal=True, color_system="truecolor", highlight=False)
    print_conclusion(directory, printed)
    *lines, headline, last = said.getvalue().rstrip().splitlines()
    first = textwrap.wrap(Text.from_ansi(headline).plain, COLUMNS)
    for line in (*lines[:LINES_MAX], "    …", "", *first, last):
        drawn.print(_text(line), soft_wrap=True, no_wrap=True, overflow="ellipsis", crop=True)
    svg = drawn.export_svg(title=f"harness run {directory.name}", unique_id="terminal")
    # A picture asks no server for its letters.
    return re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->", "", svg, flags=re.DOTALL) + "\n"


def _text(line: str) -> Text:
    """A line with its colours, cut at the terminal's edge."""
    text = Text.from_ansi(line)
    text.truncate(COLUMNS, overflow="ellipsis")
    return text


def report(directory: Path) -> str:
    """The head of a run's page as SVG: its banner, and everything at once along the time."""
    page = (directory / PAGE).read_text(encoding="utf-8")
    style, picture = _between(page, "<style>", "</style>"), "<svg" + _between(page, "<svg", "</svg>") + "</svg>"
    header = _between(page, '<header class="banner', "</header>")
    verdict = re.findall(r"\w+", header)[0]
    title, *says = [_plain(text) for text in re.findall(r"<(?:h1|p)\b[^>]*>(.*?)</(?:h1|p)>", header, re.DOTALL)]
    says = [line for text in says for line in textwrap.wrap(text, LETTERS_A_LINE)]
    head = TITLE_HEIGHT + LINE_HEIGHT * len(says)
    height = float(picture.split('viewBox="0 0 ')[1].split('"')[0].split()[1])
    whole_height = head + height + 2 * MARGIN
    inner = picture.replace("<svg", f'<svg x="{MARGIN}" y="{head + MARGIN}" width="{WIDTH}" height="{height:g}"', 1)
    lines = [
        f'<text x="{MARGIN + 24}" y="{MARGIN + 56 + LINE_HEIGHT * row}" class="said">{escape(text)}</text>'
        for row, text in enumerate(says)
    ]
    whole_width = WIDTH + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole_width} {whole_height:g}" class="{verdict}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}\ntext {{ font-family: system-ui, sans-serif; }} .said {{ font-size: 14px; fill: var(--ink); }}\n",
            ".title { font-size: 24px; font-weight: 600; fill: var(--tone); }</style>",
            f'<rect width="{whole_width}" height="{whole_height:g}" fill="var(--ground)"/>',
            f'<rect x="{MARGIN}" y="{MARGIN}" width="{WIDTH}" height="{head - MARGIN}" rx="6" fill="var(--tone-ground)"/>',
            f'<rect x="{MARGIN}" y="{MARGIN}" width="8" height="{head - MARGIN}" rx="4" fill="var(--tone)"/>',
            f'<text x="{MARGIN + 24}" y="{MARGIN + 32}" class="title">{escape(title)}</text>',
            *lines,
            inner,
            "</svg>\n",
        ]
    )


def _between(text: str, begin: str, end: str) -> str:
    return text.split(begin, 1)[1].split(end, 1)[0]


def _plain(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", markup)).split())


def main() -> None:
    """Draw both."""
    directory, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "terminal.svg").write_text(terminal(directory), encoding="utf-8")
    (folder / "report.svg").write_text(report(directory), encoding="utf-8")


if __name__ == "__main__":
    main()
