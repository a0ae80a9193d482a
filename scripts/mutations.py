"""Small changes to a Python module, one at a time, each of which some test should notice.

Left alone, as they say nothing to a program or are held otherwise: docstrings, annotations, imports, decorators,
sentences for people, which stand on the generated pages, and what our own errors say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
    ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_NAMES = {
    "all_horizontal": "any_horizontal", "any_horizontal": "all_horizontal", "all": "any", "any": "all",
    "starts_with": "ends_with", "head": "tail", "is_null": "is_not_null", "is_not_null": "is_null",
    "not_before": "not_after", "not_after": "not_before",
}  # fmt: skip
_PASSED_OVER = ("fill_null", "sort", "filter", "reversed", "unique")  # calls that leave a value of the same kind
_SENTENCE = re.compile(r"[^ ]+( [^ ]+){3,}")
_PATTERN = re.compile(r"[\^$\[\\{]")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: in which function or constant, what became what, and the whole source with it."""

    where: str
    change: str
    source: str


def mutations(tree: ast.Module) -> Iterator[Mutation]:
    """Gives every change of a module; the same one at another place of one function counts `#2`."""
    seen: dict[tuple[str, str], int] = {}
    for where, parent, field, index, node in list(_places(tree, tree, "module")):
        old = ast.unparse(node)
        for new in _variants(node):
            _put(parent, field, index, new)
            text = f"{_short(old)} → {_short('' if new is None else ast.unparse(new))}"
            number = seen[where, text] = seen.get((where, text), 0) + 1
            yield Mutation(where, text + (f" #{number}" if number > 1 else ""), ast.unparse(tree))
            _put(parent, field, index, node)


def _short(code: str) -> str:
    flat = " ".join(code.split())
    return flat if len(flat) <= 70 else f"{flat[:45]} … {flat[-20:]}"


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST | None) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


Place = tuple[str, ast.AST, str, int | None, ast.AST]


def _places(tree: ast.AST, parent: ast.AST, where: str) -> Iterator[Place]:
    """Gives each node that may be changed, with what holds it and the name of its function or constant."""
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns", "decorator_list", "type_params", "ctx"):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node):
                continue
            if _is_list_of_codes(parent):
                continue  # leaving it out changes as much
            named = _name_of(node, where) if where == "module" or isinstance(node, ast.FunctionDef) else where
            yield named, parent, field, index, node
            if not isinstance(node, ast.Raise):  # what an error of ours says is for its reader
                yield from _places(tree, node, named)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_list_of_codes(node: ast.AST) -> bool:
    if not isinstance(node, ast.List | ast.Tuple) or len(node.elts) < 2:
        return False
    return all(isinstance(element, ast.Constant) for element in node.elts)


def _name_of(node: ast.AST, where: str) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return where


def _variants(node: ast.AST) -> Iterator[Any]:
    yield from _of_constants(node)
    yield from _of_operators(node)
    yield from _of_displays(node)
    yield from _of_calls(node)
    if isinstance(node, ast.If | ast.IfExp):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.Raise):
        yield ast.Pass()


def _of_constants(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and not _SENTENCE.fullmatch(value):
        for text in _of_patterns(value) if _PATTERN.search(value) else [f"XX{value}"]:
            yield ast.Constant(text)


def _of_patterns(pattern: str) -> Iterator[str]:
    """Gives a regular expression without its anchors, with other counts, and without each of its alternatives."""
    found = []
    if pattern.startswith("^"):
        found.append(pattern[1:])
    if pattern.endswith("$"):
        found.append(pattern[:-1])
    for count in re.finditer(r"(?<=[{,])\d+(?=[,}])", pattern):
        found.append(f"{pattern[: count.start()]}{int(count[0]) + 1}{pattern[count.end() :]}")
    for part in re.finditer(r"(?<=[(|])[^()|\[\]]+\||\|[^()|\[\]]+(?=\))", pattern):
        found.append(pattern[: part.start()] + pattern[part.end() :])
    yield from dict.fromkeys(found or [f"XX{pattern}"])


def _of_operators(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            other = _COMPARISONS[type(op)]()
            yield _with(node, ops=[*node.ops[:place], other, *node.ops[place + 1 :]])
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield _with(node, op=_OPERATORS[type(node.op)]())
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    if isinstance(node, ast.UnaryOp):
        yield node.operand


def _of_displays(node: ast.AST) -> Iterator[ast.AST]:
    """Leaves each element of a list, tuple, set or mapping out, and each condition of a comprehension."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and not isinstance(getattr(node, "ctx", None), ast.Store):
        for place, element in enumerate(node.elts):
            if not (isinstance(element, ast.Constant) and _SENTENCE.fullmatch(str(element.value))):
                yield _with(node, elts=node.elts[:place] + node.elts[place + 1 :])
    if isinstance(node, ast.Dict):
        for place in range(len(node.keys)):
            keys, values = node.keys[:place] + node.keys[place + 1 :], node.values[:place] + node.values[place + 1 :]
            yield _with(node, keys=keys, values=values)
    if isinstance(node, ast.comprehension) and node.ifs:
        yield _with(node, ifs=[])


def _of_calls(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _PASSED_OVER:
        yield node.func.value
    if isinstance(node, ast.Attribute) and node.attr in _NAMES:
        yield _with(node, attr=_NAMES[node.attr])
    if isinstance(node, ast.Name) and node.id in _NAMES:
        yield _with(node, id=_NAMES[node.id])


def _with(node: ast.AST, **changes: Any) -> Any:
    """Gives a copy of a node with other parts."""
    parts = {name: getattr(node, name) for name in (*node._fields, *node._attributes) if hasattr(node, name)}
    return type(node)(**(parts | changes))
