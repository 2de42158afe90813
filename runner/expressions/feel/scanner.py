"""Reads the small pieces of a FEEL text at a cursor: blanks and comments, names, numbers, texts (DMN 1.3 §10.3.1.2).

There is no list of tokens, because names may contain blanks and even operators: what is a name depends on its place."""

from __future__ import annotations

import re
from decimal import Decimal

from runner.expressions.faults import SyntaxFault
from runner.expressions.feel.numbers import CONTEXT

KEYWORDS = frozenset(
    {
        *("and", "between", "else", "every", "false", "for", "function", "if", "in", "instance", "not", "null", "or"),
        *("return", "satisfies", "some", "then", "true"),
    }
)
# Python's re is safe here: no alternative can match the same characters in two ways.
_BLANK = re.compile(r"\s+|//[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = r"[^\W\d][\w$]*|\?|\$[\w$]*|[\U00010000-\U000EFFFF][\w\U00010000-\U000EFFFF]*"
_FIRST = re.compile(_WORD)
_NEXT = re.compile(r"[\w$]+|[\U00010000-\U000EFFFF][\w\U00010000-\U000EFFFF]*")
_NUMBER = re.compile(r"\d+(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?", re.ASCII)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_LONGEST_NAME = 20
_LABEL = re.compile(r'(?:"((?:[^"\\]|\\.)*)"\s*|([^:{}()\[\],"]+)):(?!:)', re.DOTALL)


class Scanner:
    """A cursor over a text. `special` are names that hold more than words, longest first."""

    def __init__(self, text: str, special: tuple[str, ...] = ()) -> None:
        self.text = text
        self.at = 0
        self.special = special
        self.skip_blanks()

    def fault(self, wanted: str, at: int | None = None) -> SyntaxFault:
        """Give the fault "Expected … but …" for the cursor's place, or for `at`."""
        at = self.at if at is None else at
        word = _NEXT.match(self.text, at)
        rest = word[0] if word else self.text[at : at + 1]
        return SyntaxFault(f"Expected {wanted}, but {f'found {rest!r}' if rest else 'the text ends'}.", at)

    def skip_blanks(self) -> None:
        """Move behind blanks and comments."""
        while match := _BLANK.match(self.text, self.at):
            self.at = match.end()

    def next_is(self, symbol: str) -> bool:
        """Tell whether `symbol` comes next."""
        return self.text.startswith(symbol, self.at)

    def take(self, symbol: str) -> bool:
        """Move behind `symbol` if it comes next."""
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += len(symbol)
        self.skip_blanks()
        return True

    def need(self, symbol: str, after: str) -> None:
        """Move behind `symbol`. Raises SyntaxFault if something else comes next."""
        if not self.take(symbol):
            raise self.fault(f"'{symbol}' after {after}")

    def next_word(self) -> str:
        """Give the word that comes next without moving, or an empty text."""
        match = _FIRST.match(self.text, self.at)
        return match[0] if match else ""

    def take_word(self, word: str) -> bool:
        """Move behind a whole word if it comes next."""
        return self.next_word() == word and self.take(word)

    def need_word(self, word: str, after: str) -> None:
        """Move behind a whole word. Raises SyntaxFault if something else comes next."""
        if not self.take_word(word):
            raise self.fault(f"'{word}' after {after}")

    def name(self, *, path: bool = False, known: tuple[str, ...] = ()) -> str:
        """Read a name: one in `backticks`, a special or `known` one, or words with single blanks between them.

        In a path even a keyword may be a name. Raises SyntaxFault.
        """
        if self.next_is("`"):
            return self._quoted_name()
        for name in (*self.special, *known):
            if self._has_special(name):
                self.take(name)
                return name
        first = self.next_word()
        if not first or (first in KEYWORDS and not path):
            raise self.fault("a name")
        self.take(first)
        words = [first]
        while (match := _NEXT.match(self.text, self.at)) and match[0] not in KEYWORDS:
            words.append(match[0])
            self.take(match[0])
        if len(words) > _LONGEST_NAME:
            raise SyntaxFault(f"Expected a name of at most {_LONGEST_NAME} words.", self.at)
        return " ".join(words)

    def _has_special(self, name: str) -> bool:
        end = self.at + len(name)
        return self.text.startswith(name, self.at) and not (name[-1].isalnum() and _NEXT.match(self.text, end))

    def _quoted_name(self) -> str:
        end = self.text.find("`", self.at + 1)
        if end < 0:
            raise self.fault("a closing ` after the name", len(self.text))
        name = self.text[self.at + 1 : end]
        self.at = end + 1
        self.skip_blanks()
        return name

    def label(self) -> str | None:
        """Read "name:" or "text:" as it stands in contexts and calls, or move nowhere and give None."""
        match = _LABEL.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        self.skip_blanks()
        if match[1] is not None:
            return unescaped(match[1])
        return " ".join(match[2].split()).strip("`")

    def number(self) -> int | Decimal | None:
        """Read a number, or move nowhere and give None. Raises SyntaxFault for one beyond all decimals."""
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            return None
        try:
            value = CONTEXT.create_decimal(match[0])
        except ArithmeticError:
            raise self.fault("a number of at most 6,144 digits") from None
        self.at = match.end()
        self.skip_blanks()
        return int(value) if match[0].isdigit() and value.adjusted() < CONTEXT.prec else value

    def string(self) -> str | None:
        """Read a text in quotes, or move nowhere and give None. Raises SyntaxFault without a closing quote."""
        if not self.next_is('"'):
            return None
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.fault('a closing " after the text', len(self.text))
        self.at = match.end()
        self.skip_blanks()
        return unescaped(match[1])


def unescaped(text: str) -> str:
    r"""Replace \n, \", \u263A, … by what they stand for; two halves of a surrogate pair become one character."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: _character(match[1]), text)
    if any("\ud800" <= each <= "\udfff" for each in plain):
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def _character(escape: str) -> str:
    if len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _ESCAPED.get(escape, "\\" + escape)
