"""What a linter does not know about this project's code: money, words, docstrings, the registry's door."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.quality.tree import files, name

MONEY = (
    "app/money.py",
    "app/domain/offers/*.py",
    "app/domain/orders/*.py",
    "app/domain/payments/*.py",
    "app/domain/sales/*.py",
    "app/integrations/gateways/*.py",
    "app/shells/*.py",
    "app/web/[!s]*/*.py",  # all of the web but what its pages share: pictures are drawn there
    "app/web/support/*words.py",
    "app/web/support/filters.py",
)
# Seconds are floats everywhere; amounts never are.
SECONDS = re.compile(r"seconds|timeout|retry_after|connect|read|whole|delay|pause")
NEVER = re.compile(r"^(retire[ds]?|retirements?|retiring|offset(s|ting)?|credit(s|ed)?)$")
TO_THE_REGISTRY = {
    "registry_url",
    "registry_token_url",
    "registry_client_id",
    "registry_client_secret",
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=name(path))


# Money.


def floats(module: ast.Module) -> list[int]:
    """Lines where a float is made: a literal, `float(…)` or a true division."""
    seconds = {
        id(below)
        for node in ast.walk(module)
        if isinstance(node, ast.keyword | ast.AnnAssign | ast.Assign | ast.arguments)
        and SECONDS.search(ast.unparse(node))
        for below in ast.walk(node)
    }
    return [
        node.lineno
        for node in ast.walk(module)
        if id(node) not in seconds
        and (
            (isinstance(node, ast.Constant) and isinstance(node.value, float))
            or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
            or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        )
    ]


@pytest.mark.parametrize(
    "code", ["price = 12.5", "price = float(text)", "share = price / 3", "pay(amount=0.1)"]
)
def test_a_float_is_found(code: str):
    assert floats(ast.parse(code)) == [1]


def test_no_float_comes_near_money():
    modules = files(*MONEY)
    assert len(modules) > 10
    assert {name(path): found for path in modules if (found := floats(tree(path)))} == {}


# Words.


def given_names(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Names that this code chose: of functions, classes, arguments, variables and attributes it sets."""
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr


def banned_words(module: ast.Module) -> list[str]:
    """Names with a word that means something else here (or nothing): see Words in CONTRIBUTING.md."""
    return [
        f"{given} (line {line})"
        for line, given in given_names(module)
        if any(NEVER.match(word.lower()) for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", given))
    ]


@pytest.mark.parametrize(
    "code", ["def retire_units(): ...", "class CreditNote: ...", "self.offsets = 1", "OFFSET = 2"]
)
def test_a_banned_word_is_found(code: str):
    assert len(banned_words(ast.parse(code))) == 1


@pytest.mark.parametrize(
    "code", ["crediting_start = 1", "accredited = 1", "page.offset(3)", "when.utcoffset()"]
)
def test_other_words_are_not(code: str):
    assert banned_words(ast.parse(code)) == []


def test_code_uses_the_words_of_the_field():
    assert {name(path): found for path in files("app/*.py") if (found := banned_words(tree(path)))} == {}


# Docstrings.


def without_docstring(module: ast.Module) -> list[str]:
    """Public functions and methods of public classes that say nothing about themselves. A property is a value:
    its name says what it is.
    """
    return [
        node.name
        for scope in [module, *(node for node in module.body if isinstance(node, ast.ClassDef))]
        if not getattr(scope, "name", "").startswith("_")
        for node in scope.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and "property" not in " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
    ]


def test_a_missing_docstring_is_found():
    code = 'class A:\n  def b(self): ...\n  def _c(self): ...\n  def d(self):\n    "Says."\ndef e(): ...'
    assert without_docstring(ast.parse(code)) == ["e", "b"]


def test_rules_and_interfaces_say_what_they_do():
    modules = files("app/domain/*.py", "app/integrations/*/interface.py", "app/money.py")
    assert len(modules) > 20
    assert {name(path): found for path in modules if (found := without_docstring(tree(path)))} == {}


# The registry's door.


def test_only_the_wiring_knows_how_to_reach_the_registry():
    users = {
        name(path)
        for path in files("app/*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in TO_THE_REGISTRY
    }
    assert users <= {"app/wiring.py"}
    assert users, "the settings have other names now: this test watches nothing"


def test_set_up_parses_on_pythons_that_are_too_old():
    # It has to run there, to say so.
    [path] = files("scripts/setup.py")
    assert ast.parse(path.read_text(), feature_version=(3, 7)).body
