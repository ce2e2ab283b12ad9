"""The values in the form of one command: the call, the parameters, and their problems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swnb.commands.schema import Parameter, Shape, parameters
from swnb.commands.types import wire_name
from swnb.errors import InvalidCommand, Problem
from swnb.notebook.fields.base import UNSET, Field, UnsupportedValue, parse_path
from swnb.notebook.fields.groups import Group
from swnb.notebook.forms import suggestions
from swnb.notebook.forms.pickers import IdField
from swnb.notebook.forms.validation import check, problems_of
from swnb.notebook.parameters import escape_parameters

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.notebook.fields.base import FormWidgets
    from swnb.session.call import Call
    from swnb.session.session import Session

_CALL_ID = Parameter(
    "call_id", required=True, description="The call's id, a UUID.", shapes=(Shape("string", str),)
)
_CALL_HINT = "a UUID"


class Entries:
    """The fields of one command's form, with the call id among them."""

    def __init__(
        self, widgets: FormWidgets, session: Session, model: type[Command], call: Call | None
    ) -> None:
        self.session = session
        self.model = model
        self._call = call
        own = parameters(model)
        ids = {
            name: _id_field(widgets, parameter, name)
            for name, parameter in own.items()
            if suggestions.has_suggestions(model, name, parameter)
        }
        self.call_field = (
            _id_field(widgets, _CALL_ID, "Call id") if model.on_call else ids.get("id")
        )
        self.control_field = ids.get("control_id")
        self.group = Group(
            widgets,
            {**own, **escape_parameters()},
            model.example,
            ready=ids,
            first={*model.any_of, *(wire_name(path) for path, _ in model.rules({}))},
            one_of=model.one_of,
        )
        call_box = [self.call_field.box] if self.call_field and model.on_call else []
        self.box = widgets.column([*call_box, self.group.box])

    @property
    def value(self) -> dict[str, Any]:
        """The parameters that are set; raises `InvalidCommand` if free JSON is not valid."""
        problems = list(self.group.unreadable(""))
        if problems:
            raise InvalidCommand(self.model.method(), problems)
        return self.group.read()

    @value.setter
    def value(self, value: Mapping[str, Any]) -> None:
        by_wire_name = {wire_name(name): item for name, item in value.items()}
        before = self.group.read()
        try:
            self.group.write(by_wire_name)
        except UnsupportedValue:
            self.group.write(before)
            fallback = [Problem("", "has a value that the form cannot show")]
            problems = problems_of(self.model, by_wire_name) or fallback
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
        """The parameters as they are sent: those that are set, and the suggested control id."""
        params = self.group.read()
        suggested = suggestions.suggested_control_id(self.session, self.model, self.call_id)
        if suggested and self.control_field and "control_id" not in params:
            return {"control_id": suggested, **params}
        return params

    @property
    def on_own_call(self) -> bool:
        """Whether the command is for the call that the form was opened on."""
        return self._call is not None and self._call.id == self.call_id

    def problems(self) -> list[Problem]:
        """Return all current problems, with the messages of the Python API."""
        unreadable = list(self.group.unreadable(""))
        params = self.params
        if self.on_own_call:  # the id of a `Call` needs no check
            params["unchecked"] = True
        problems = check(self.model, params, self.call_id)
        paths = {problem.path for problem in unreadable}  # validation only finds them missing
        return unreadable + [problem for problem in problems if problem.path not in paths]

    def show(self, problems: list[Problem], *, everything: bool) -> list[str]:
        """Show problems at their fields, and return those that belong to no field.

        Unless `everything` is True, fields that nobody has touched yet show nothing.
        """
        placed: dict[Field, list[str]] = defaultdict(list)
        unplaced = []
        for problem in problems:
            field, rest = self._find(problem.path)
            if field is None:
                unplaced.append(str(problem))
            elif everything or field.touched:
                placed[field].append(str(Problem(rest, problem.message)))
        for field in self.walk():
            field.show(placed.get(field, []))
        return unplaced if everything else []

    def walk(self) -> Iterator[Field]:
        """Yield all fields in reading order."""
        if self.call_field and self.model.on_call:
            yield self.call_field
        yield from self.group.walk()

    def refresh(self, *, keep: bool = False) -> None:
        """Offer the calls of the log and the control ids of the call, as they are now.

        If `keep` is True, the call that is chosen stays, though it is over and another is open.
        """
        if self.call_field:
            self.call_field.suggest(_CALL_HINT, suggestions.calls(self.session), keep=keep)
        self.suggest_control_ids()

    def suggest_control_ids(self) -> None:
        """Offer the control ids of the call that is entered now."""
        if self.control_field:
            suggested = suggestions.suggested_control_id(self.session, self.model, self.call_id)
            ids = suggestions.control_ids(self.session, self.model, self.call_id)
            hint = f"{suggested}, if left empty" if suggested else "none is open on this call"
            self.control_field.suggest(hint, ids, unchosen=f"— ({hint})")

    def _find(self, path: str) -> tuple[Field | None, str]:
        parts = parse_path(path)
        if parts == ("call_id",):
            return self.call_field, ""
        field, rest = self.group.find(parts) or (None, parts)
        return field, "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest
        ).lstrip(".")


def _id_field(widgets: FormWidgets, parameter: Parameter, label: str) -> IdField:
    """Return the field of a call id or of a control id."""
    if label == "control_id":
        return IdField(widgets, parameter, label, noun="Operation")
    return IdField(widgets, parameter, label, noun="Call", choose=True)
