"""Reading YAML that a person wrote into typed records, with errors that say where and what is accepted."""

import re
from collections.abc import Hashable, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from fourfronts.errors import InputError, unknown
from fourfronts.evidence import units

LONGEST_VALUE = 60
DEEPEST = 100


def _checked_unit(text: str) -> str:
    units.check(text)
    return text


class Record(BaseModel):
    """A frozen record that refuses unknown fields, infinities and values of the wrong type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, data: Any) -> Any:
        # Before pydantic's own check, which does not say which names are accepted.
        if isinstance(data, dict):
            names = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in names:
                    raise unknown("field", str(key), names)
        return data


AnyRecord = TypeVar("AnyRecord", bound=BaseModel)
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Unit = Annotated[str, AfterValidator(_checked_unit)]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, except that a repeated key is an error and 1e6 is a number."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} is not text; accepted: names", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", key_node.start_mark)
            seen.add(key)
        result: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return result


# YAML 1.1 reads 1e6 as text, because it wants a point and a signed exponent; people do not.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def parse(text: str, where: str) -> dict[str, Any]:
    """The mapping that a YAML text holds.

    Raises InputError for malformed YAML and a repeated key, with `where`, line and column, and for a document
    that is no mapping.
    """
    _check_depth(text, where)
    try:
        document = _Loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError(f"{where}{place}: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{where}: not readable as YAML: {_one_line(error)}") from error
    if not isinstance(document, dict):
        raise InputError(f"{where}: found {_shown(document)}; accepted: a mapping of names to values")
    return document


def _check_depth(text: str, where: str) -> None:
    # The C parser recurses without a limit of its own, so that a hostile file would end the process.
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise InputError(f"{where}: brackets nested more than {DEEPEST} deep")


def read(path: Path | Traversable, where: str) -> dict[str, Any]:
    """The mapping in a YAML file, which errors call `where`. Raises InputError if it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 text (byte {error.start})") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{where}: cannot be read: {reason.lower()}") from error
    return parse(text, where)


def build(record: type[AnyRecord], data: Mapping[str, Any], where: str) -> AnyRecord:
    """`data` as a `record`.

    Raises InputError for the first field that does not fit: where it stands, its value and what is accepted.
    """
    try:
        return record.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise InputError(f"{where}: {place}: {_reason(first)}" if place else f"{where}: {_reason(first)}") from error


def _reason(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "this field is missing"
        case "value_error":
            return str(context["error"])
        case "union_tag_not_found":
            return f"the field {context['discriminator']} is missing"
        case "union_tag_invalid":
            return f"found {context['tag']!r}; accepted: {context['expected_tags']}"
        case "model_type" | "dict_type" | "model_attributes_type":
            accepted = "a mapping of names to values"
        case "string_pattern_mismatch":
            accepted = "a name of lower-case letters, digits and underscores"
        case _:
            accepted = error["msg"].removeprefix("Input should ").removeprefix("be ").removeprefix("a valid ")
    return f"found {_shown(error['input'])}; accepted: {accepted}"


def _shown(value: object) -> str:
    text = _one_line(repr(value))
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def _one_line(value: object) -> str:
    return " ".join(str(value).split())
