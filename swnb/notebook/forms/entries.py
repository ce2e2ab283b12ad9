"""What is entered in the form of one command: the call, the parameters, and what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swnb.commands.base import ESCAPES, Command, wire_name
from swnb.commands.schema import Parameter, Shape, parameters
from swnb.errors import InvalidCommand, Problem
from swnb.notebook.fields.base import UNSET, Field, Unfit, steps
from swnb.notebook.fields.groups import Group
from swnb.notebook.forms import suggestions
from swnb.notebook.forms.checking import check, problems_of

if TYPE_CHECKING:
    from swnb.client import Call, Client
    from swnb.notebook.fields.kit import Kit

_CALL_ID = Parameter(
    "call_id", required=True, description="The call's id, a UUID.", shapes=(Shape("string", str),)
)
_CALL_HINT = "a UUID; the calls in the log are offered"


def escapes() -> dict[str, Parameter]:
    """Give the parameters that every command takes and that are none of the platform's."""
    shapes = {"extras": Shape("json", dict), "unchecked": Shape("boolean", bool)}
    return {
        name: Parameter(
            name,
            required=False,
            description=str(Command.model_fields[name].description),
            shapes=(shapes[name],),
        )
        for name in ESCAPES
    }


class Entries:
    """The fields of one command's form, with the call's id among them."""

    def __init__(self, kit: Kit, client: Client, model: type[Command], call: Call | None) -> None:
        self.client = client
        self.model = model
        self._call = call
        known = parameters(model)
        ids = {
            name: suggestions.IdField(kit, parameter, name)
            for name, parameter in known.items()
            if suggestions.needs_offer(model, name, parameter)
        }
        self.call_field = (
            suggestions.IdField(kit, _CALL_ID, "Call id") if model.on_call else ids.get("id")
        )
        self.control_field = ids.get("control_id")
        self.group = Group(
            kit,
            {**known, **escapes()},
            model.example,
            ready=ids,
            first={wire_name(path) for path, _ in model.rules({})},
            one_of=model.one_of,
        )
        own = [self.call_field.box] if self.call_field and model.on_call else []
        self.box = kit.column([*own, self.group.box])

    @property
    def value(self) -> dict[str, Any]:
        """The parameters that are set; raises `InvalidCommand` where free JSON is none."""
        broken = list(self.group.unreadable(""))
        if broken:
            raise InvalidCommand(self.model.method(), broken)
        return self.group.read()

    @value.setter
    def value(self, value: Mapping[str, Any]) -> None:
        given = {wire_name(name): item for name, item in value.items()}
        before = self.group.read()
        try:
            self.group.write(given)
        except Unfit:
            self.group.write(before)
            own_words = [Problem("", "has a value that the form cannot show")]
            problems = problems_of(self.model, given) or own_words
        else:
            return
        raise InvalidCommand(self.model.method(), problems)

    @property
    def call_id(self) -> str | None:
        """The call that the command is for."""
        value = self.call_field.read() if self.call_field else UNSET
        return None if value is UNSET else str(value)

    @call_id.setter
    def call_id(self, call_id: str | None) -> None:
        if self.call_field:
            self.call_field.write(UNSET if call_id is None else call_id)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters as they are sent: those that are set, and the proposed control id."""
        params = self.group.read()
        proposed = suggestions.proposal(self.client, self.model, self.call_id)
        if proposed and self.control_field and "control_id" not in params:
            return {"control_id": proposed, **params}
        return params

    @property
    def on_own_call(self) -> bool:
        """Whether the command is for the call that the form was opened on."""
        return self._call is not None and self._call.id == self.call_id

    def problems(self) -> list[Problem]:
        """Give everything that is wrong now, in the words of the Python API."""
        unreadable = list(self.group.unreadable(""))
        params = self.params
        if self.on_own_call:  # a `Call` vouches for its id
            params["unchecked"] = True
        found = check(self.model, params, self.call_id)
        paths = {each.path for each in unreadable}  # validation only sees that they are missing
        return unreadable + [each for each in found if each.path not in paths]

    def show(self, problems: list[Problem], *, everything: bool) -> list[str]:
        """Show problems at their fields, and give those that no field owns.

        Unless `everything` is to be shown, fields that nobody touched yet keep silent.
        """
        placed: dict[Field, list[str]] = defaultdict(list)
        homeless = []
        for problem in problems:
            field, rest = self._find(problem.path)
            if field is None:
                homeless.append(str(problem))
            elif everything or field.touched:
                placed[field].append(str(Problem(rest, problem.message)))
        for field in self.walk():
            field.show(placed.get(field, []))
        return homeless if everything else []

    def walk(self) -> Iterator[Field]:
        """Give all fields in reading order."""
        if self.call_field and self.model.on_call:
            yield self.call_field
        yield from self.group.walk()

    def refresh(self) -> None:
        """Offer what the log and the call have now."""
        if self.call_field:
            self.call_field.propose(_CALL_HINT, suggestions.calls(self.client))
        self.propose_control_id()

    def propose_control_id(self) -> None:
        """Offer the control ids of the call that is entered now."""
        if self.control_field:
            proposed = suggestions.proposal(self.client, self.model, self.call_id)
            ids = suggestions.control_ids(self.client, self.model, self.call_id)
            hint = f"{proposed}, if left empty" if proposed else "none is open on this call"
            self.control_field.propose(hint, ids)

    def _find(self, path: str) -> tuple[Field | None, str]:
        place = steps(path)
        if place == ("call_id",):
            return self.call_field, ""
        field, rest = self.group.find(place) or (None, place)
        return field, "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest
        ).lstrip(".")
