"""The parameters that swnb adds to every command: `extras` and `unchecked`."""

from __future__ import annotations

from swnb.commands.base import Command
from swnb.commands.schema import Parameter, Shape
from swnb.commands.types import ESCAPES

_SHAPES = {"extras": Shape("json", dict), "unchecked": Shape("boolean", bool)}


def escape_parameters() -> dict[str, Parameter]:
    """Return the parameters that every command takes and the platform does not know, by name."""
    return {
        name: Parameter(
            name,
            required=False,
            description=str(Command.model_fields[name].description),
            shapes=(_SHAPES[name],),
        )
        for name in ESCAPES
    }
