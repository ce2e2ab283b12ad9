"""The parts of a sidecar's configuration: its prompt, its functions, its permissions, its tuning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Required

from pydantic import AfterValidator, Field, Tag
from typing_extensions import TypedDict

from swnb.commands.types import Integer, Number, about, either, wrong

# Suggestions, not an enumeration: the platform takes the name of any model that it knows.
MODELS = ["gpt-4o-mini", "gpt-4.1-mini", "gpt-4.1-nano"]


class PromptText(TypedDict):
    """A prompt in one piece."""

    text: Annotated[str, about("The prompt.")]


class PomSection(TypedDict, total=False):
    """A section of a prompt: a body, bullets, or both, under a title."""

    title: Annotated[str | None, about("Its title.", min_length=1)]
    body: Annotated[str | None, about("Its text. Needed where there are no bullets.")]
    bullets: Annotated[
        list[str] | None, about("Its bullets. Needed where there is no body.", min_length=1)
    ]
    subsections: Annotated[list[Section] | None, about("The sections under it.", min_length=1)]
    numbered: Annotated[bool | None, about("Whether the section has a number.")]
    numberedBullets: Annotated[bool | None, about("Whether its bullets have numbers.")]


def _has_content(section: PomSection) -> PomSection:
    if section.get("body") is None and section.get("bullets") is None:
        raise wrong("needs body, bullets, or both")
    return section


# One object with a rule rather than a union of two: with both keys given, a type checker could not
# tell which of two would be meant.
Section = Annotated[PomSection, AfterValidator(_has_content)]


class PromptPom(TypedDict):
    """A prompt made of sections (Prompt Object Model)."""

    pom: Annotated[list[Section], about("The sections, in order.", min_length=1)]


class PromptFile(TypedDict):
    """A prompt kept on the platform."""

    file: Annotated[str, about("The path of the file that holds it.")]


def _prompt_form(value: Any) -> str | None:
    if isinstance(value, str):
        return "plain"
    named = [
        name for name in ("text", "pom", "file") if isinstance(value, Mapping) and name in value
    ]
    return f"{{{named[0]}}}" if len(named) == 1 else None


Prompt = Annotated[
    Annotated[str, Tag("plain")]
    | Annotated[PromptText, Tag("{text}")]
    | Annotated[PromptPom, Tag("{pom}")]
    | Annotated[PromptFile, Tag("{file}")],
    either(_prompt_form, "a text or an object with one of text, pom and file"),
]


class _Described(TypedDict, total=False):
    description: Annotated[str | None, about("What to pass, for the model to read.")]


class StringProperty(_Described, total=False):
    """A text."""

    type: Required[Annotated[Literal["string"], about("A text.")]]
    enum: Annotated[list[str] | None, about("The texts that are allowed.")]
    default: Annotated[str | None, about("What is passed where the model gives nothing.")]


class IntegerProperty(_Described, total=False):
    """A whole number."""

    type: Required[Annotated[Literal["integer"], about("A whole number.")]]
    enum: Annotated[list[Integer] | None, about("The numbers that are allowed.")]
    default: Annotated[Integer | None, about("What is passed where the model gives nothing.")]


class NumberProperty(_Described, total=False):
    """A number."""

    type: Required[Annotated[Literal["number"], about("A number.")]]
    enum: Annotated[list[Number] | None, about("The numbers that are allowed.")]
    default: Annotated[Number | None, about("What is passed where the model gives nothing.")]


class BooleanProperty(_Described, total=False):
    """True or false."""

    type: Required[Annotated[Literal["boolean"], about("True or false.")]]
    default: Annotated[bool | None, about("What is passed where the model gives nothing.")]


class ArrayProperty(_Described, total=False):
    """A list."""

    type: Required[Annotated[Literal["array"], about("A list.")]]
    items: Required[Annotated[Property, about("What each entry is.")]]


class ObjectProperty(_Described, total=False):
    """An object."""

    type: Required[Annotated[Literal["object"], about("An object.")]]
    properties: Annotated[dict[str, Property] | None, about("Its properties by name.")]
    required: Annotated[list[str] | None, about("The names of those that must be there.")]


Property = Annotated[
    StringProperty
    | IntegerProperty
    | NumberProperty
    | BooleanProperty
    | ArrayProperty
    | ObjectProperty,
    Field(discriminator="type"),
]


class FunctionParameters(TypedDict, total=False):
    """The arguments of a function, as a small JSON Schema.

    A property takes `type`, `description`, `enum` and `default`; other keywords of JSON Schema
    (`pattern`, `minimum` …) are refused by the platform.
    """

    type: Required[Annotated[Literal["object"], about("Always an object.")]]
    properties: Required[Annotated[dict[str, Property], about("The arguments by name.")]]
    required: Annotated[list[str] | None, about("The names of those that must be there.")]


class WebHook(TypedDict, total=False):
    """Where a function is answered."""

    web_hook_url: Annotated[
        str | None, about("Where the call goes; credentials may be part of it (user:password@).")
    ]
    web_hook_auth_user: Annotated[str | None, about("User name for basic authentication.")]
    web_hook_auth_password: Annotated[str | None, about("Password for basic authentication.")]


class Function(WebHook, total=False):
    """A function that the model can call. What its web hook leaves out comes from the defaults."""

    function: Required[Annotated[str, about("Its name, by which the model calls it.")]]
    description: Annotated[str | None, about("What it does, so that the model knows when.")]
    purpose: Annotated[str | None, about("The same, read where there is no description.")]
    parameters: Annotated[FunctionParameters | None, about("Its arguments; without them, none.")]


class McpServer(TypedDict, total=False):
    """A server of tools and resources that speaks the Model Context Protocol."""

    url: Required[Annotated[str, about("Its URL.")]]
    headers: Annotated[
        dict[str, str] | None,
        about("HTTP headers for it, authorization included; ${…} in them is expanded."),
    ]
    resources: Annotated[
        bool | None, about("Whether its resources are put into global_data.", assumed=False)
    ]
    resource_vars: Annotated[
        dict[str, str] | None, about("What it is passed when resources are fetched.")
    ]


class Swaig(TypedDict, total=False):
    """The functions and MCP servers that a sidecar can use."""

    defaults: Annotated[WebHook | None, about("The web hook of functions that set none.")]
    functions: Annotated[list[Function] | None, about("What the model can call.")]
    mcp_servers: Annotated[list[McpServer] | None, about("The MCP servers it can use.")]


class Permissions(TypedDict, total=False):
    """What a sidecar's functions may do."""

    swaig_allow_swml: Annotated[bool | None, about("Run SWML on the call.", assumed=True)]
    swaig_allow_settings: Annotated[
        bool | None, about("Change the sidecar's settings, such as its model.", assumed=True)
    ]
    swaig_set_global_data: Annotated[bool | None, about("Set its global data.", assumed=True)]
