"""The parts of a sidecar's configuration: its prompt, functions and permissions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Required

from pydantic import AfterValidator, Field, Tag
from typing_extensions import TypedDict

from swnb.commands.types import Integer, Number, about, either, wrong

# Suggestions, not an enumeration: the platform accepts the name of any model it supports.
MODELS = ["gpt-4o-mini", "gpt-4.1-mini", "gpt-4.1-nano"]


class PromptText(TypedDict):
    """A prompt as a single string."""

    text: Annotated[str, about("The prompt.")]


class PomSection(TypedDict, total=False):
    """A section of a prompt: a body, bullets, or both, under a title."""

    title: Annotated[str | None, about("The section's title.", min_length=1)]
    body: Annotated[str | None, about("The section's text. Required without bullets.")]
    bullets: Annotated[
        list[str] | None, about("The section's bullets. Required without body.", min_length=1)
    ]
    subsections: Annotated[list[Section] | None, about("Its subsections.", min_length=1)]
    numbered: Annotated[bool | None, about("Whether to number the section.")]
    numberedBullets: Annotated[bool | None, about("Whether to number its bullets.")]


def _has_content(section: PomSection) -> PomSection:
    if section.get("body") is None and section.get("bullets") is None:
        raise wrong("needs body, bullets, or both")
    return section


# One object with a rule rather than a union of two: with both keys given, a type checker could not
# tell which one is meant.
Section = Annotated[PomSection, AfterValidator(_has_content)]


class PromptPom(TypedDict):
    """A prompt made of sections (Prompt Object Model)."""

    pom: Annotated[list[Section], about("The sections, in order.", min_length=1)]


class PromptFile(TypedDict):
    """A prompt stored on the platform."""

    file: Annotated[str, about("The path of the file that contains the prompt.")]


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
    either(_prompt_form, "a string or an object with one of text, pom and file"),
]


class _Described(TypedDict, total=False):
    description: Annotated[str | None, about("A description of the value, for the model.")]


class StringProperty(_Described, total=False):
    """A string."""

    type: Required[Annotated[Literal["string"], about("A string.")]]
    enum: Annotated[list[str] | None, about("The allowed strings.")]
    default: Annotated[str | None, about("The value if the model passes none.")]


class IntegerProperty(_Described, total=False):
    """A whole number."""

    type: Required[Annotated[Literal["integer"], about("A whole number.")]]
    enum: Annotated[list[Integer] | None, about("The allowed numbers.")]
    default: Annotated[Integer | None, about("The value if the model passes none.")]


class NumberProperty(_Described, total=False):
    """A number."""

    type: Required[Annotated[Literal["number"], about("A number.")]]
    enum: Annotated[list[Number] | None, about("The allowed numbers.")]
    default: Annotated[Number | None, about("The value if the model passes none.")]


class BooleanProperty(_Described, total=False):
    """True or false."""

    type: Required[Annotated[Literal["boolean"], about("True or false.")]]
    default: Annotated[bool | None, about("The value if the model passes none.")]


class ArrayProperty(_Described, total=False):
    """A list."""

    type: Required[Annotated[Literal["array"], about("A list.")]]
    items: Required[Annotated[Property, about("The type of the items.")]]


class ObjectProperty(_Described, total=False):
    """An object."""

    type: Required[Annotated[Literal["object"], about("An object.")]]
    properties: Annotated[dict[str, Property] | None, about("Its properties by name.")]
    required: Annotated[list[str] | None, about("The names of the required ones.")]


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

    A property may have `type`, `description`, `enum` and `default`; the platform rejects other
    JSON Schema keywords (`pattern`, `minimum` …).
    """

    type: Required[Annotated[Literal["object"], about("Always object.")]]
    properties: Required[Annotated[dict[str, Property], about("The arguments by name.")]]
    required: Annotated[list[str] | None, about("The names of the required ones.")]


class WebHook(TypedDict, total=False):
    """The web hook that runs a function."""

    web_hook_url: Annotated[
        str | None, about("The URL to request; may contain credentials (user:password@).")
    ]
    web_hook_auth_user: Annotated[str | None, about("The user name for basic authentication.")]
    web_hook_auth_password: Annotated[str | None, about("The password for basic authentication.")]


class Function(WebHook, total=False):
    """A function that the model can call; missing web hook fields come from the defaults."""

    function: Required[Annotated[str, about("The name by which the model calls it.")]]
    description: Annotated[
        str | None, about("What it does, so that the model knows when to call it.")
    ]
    purpose: Annotated[str | None, about("The same, used if there is no description.")]
    parameters: Annotated[FunctionParameters | None, about("Its arguments; none by default.")]


class McpServer(TypedDict, total=False):
    """A Model Context Protocol server of tools and resources."""

    url: Required[Annotated[str, about("Its URL.")]]
    headers: Annotated[
        dict[str, str] | None,
        about("HTTP headers to send, such as authorization; ${…} is expanded."),
    ]
    resources: Annotated[
        bool | None, about("Whether to add its resources to global_data.", assumed=False)
    ]
    resource_vars: Annotated[
        dict[str, str] | None, about("Variables to pass when fetching resources.")
    ]


class Swaig(TypedDict, total=False):
    """The functions and MCP servers that a sidecar can use."""

    defaults: Annotated[WebHook | None, about("The web hook for functions without one.")]
    functions: Annotated[list[Function] | None, about("The functions the model can call.")]
    mcp_servers: Annotated[list[McpServer] | None, about("The MCP servers it can use.")]


class Permissions(TypedDict, total=False):
    """What a sidecar's functions may do."""

    swaig_allow_swml: Annotated[bool | None, about("Run SWML on the call.", assumed=True)]
    swaig_allow_settings: Annotated[
        bool | None, about("Change the sidecar's settings, such as its model.", assumed=True)
    ]
    swaig_set_global_data: Annotated[bool | None, about("Set its global data.", assumed=True)]
