"""The contrast of texts in a page, as WCAG 2 defines it, from the styles that the browser computed.

A text's colour is what is left of it after every translucent background and every opacity between
it and the page: an element with an opacity is painted with all that is in it, then mixed into what
lies behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Locator

Colour = tuple[float, ...]

_TEXTS = """root => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || !element.checkVisibility()) continue;
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      layers.unshift({ background: style.backgroundColor, opacity: Number(style.opacity) });
    }
    const { color, borderTopLeftRadius } = getComputedStyle(element);
    found.push({ text, color, layers, mark: borderTopLeftRadius === "9px" });
  }
  return found;
}"""
_COLOUR = re.compile(r"rgba?\((.*)\)")
_WHITE = (1.0, 1.0, 1.0)


class Shown(NamedTuple):
    """A text on a page; `mark` says whether it is a status mark."""

    text: str
    contrast: float
    mark: bool


def texts(locator: Locator) -> list[Shown]:
    """Give the visible texts in an element with their contrasts."""
    return [
        Shown(each["text"], contrast(*painted(each["color"], each["layers"])), each["mark"])
        for each in locator.evaluate(_TEXTS)
    ]


def painted(colour: str, layers: list[dict[str, Any]], behind: Colour = _WHITE) -> list[Colour]:
    """Give what a text and its background look like, from the outermost element's layer inwards."""
    if not layers:
        return [over(parse(colour), behind), behind]
    first, *inner = layers
    inside = painted(colour, inner, over(parse(first["background"]), behind))
    return [mix(each, behind, first["opacity"]) for each in inside]


def parse(colour: str) -> Colour:
    """Read red, green, blue and alpha, from 0 to 1."""
    red, green, blue, *alpha = map(float, _COLOUR.fullmatch(colour)[1].split(","))
    return (red / 255, green / 255, blue / 255, *(alpha or [1.0]))


def over(colour: Colour, behind: Colour) -> Colour:
    return mix(colour[:3], behind, colour[3])


def mix(front: Colour, behind: Colour, share: float) -> Colour:
    return tuple(a * share + b * (1 - share) for a, b in zip(front, behind, strict=True))


def contrast(one: Colour, other: Colour) -> float:
    """Give the contrast ratio of two opaque colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
