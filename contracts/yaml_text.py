"""YAML as terms need it: every number and day stays the text that was written, and nothing is said twice.

Plain YAML turns 1.10 into a binary float and 2026-10-05 into a date; money must not pass through either.
"""

from collections.abc import Hashable
from typing import Any

import yaml
from django.utils.translation import gettext

from contracts.rules import errors

_KEPT_AS_TEXT = ("tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


class InvalidYaml(errors.InvalidInput):
    """A text that is not YAML, or says one thing twice."""


class _Loader(yaml.SafeLoader):
    """The safe loader without floats and dates; `resolvers` below are its own."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in _KEPT_AS_TEXT]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f'"{key.value}" is written twice', key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    """The safe dumper, with lists set in under their name as people write them, and no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def read_yaml(*, text: str | bytes) -> Any:
    """Read YAML as plain values: text, whole numbers, yes and no, lists, objects.

    Raises: InvalidYaml with line and column.

    >>> read_yaml(text="price: 1.10\\nfrom: 2026-10-05\\ncount: 3\\n")
    {'price': '1.10', 'from': '2026-10-05', 'count': 3}
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader above is the safe one with fewer types.
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark
        values = {"problem": broken.problem, "line": mark.line + 1 if mark else 1, "column": mark.column + 1 if mark else 1}
        raise InvalidYaml(gettext("This is not YAML: %(problem)s in line %(line)s, column %(column)s.") % values) from broken
    except (yaml.YAMLError, ValueError, RecursionError) as broken:
        raise InvalidYaml(gettext("This is not YAML: %(problem)s.") % {"problem": broken}) from broken


def write_yaml(*, content: Any) -> str:
    """Write plain values as YAML, in their order, each on its own line.

    >>> print(write_yaml(content={"tiers": [{"up_to": None, "amount": "1.10"}]}), end="")
    tiers:
      - up_to: null
        amount: '1.10'
    """
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
