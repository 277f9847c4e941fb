"""Reading the registry's answers whole: one object, one page of a list, or page after page."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from app.integrations.errors import Refused
from app.integrations.http import Response
from app.integrations.registry import fields
from app.integrations.registry.fields import Json, Unreadable

T = TypeVar("T")
Call = Callable[[Mapping[str, str]], Response]  # query → a page of the list

# What an id of the registry may be made of: nothing that could end or leave its place in a path. Percent-encoding
# alone would not do: `..` needs none, and servers decode %2F before they look at the path.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:@=-]{0,199}")


def id_in_path(value: str) -> str:
    """`value` itself where it can stand in a path; else Refused("not_found"): the registry has no such thing."""
    if not _ID.fullmatch(value):
        raise Refused("not_found", "no id of the registry looks like that")
    return value


def read_answer(response: Response, read: Callable[[Json], T]) -> T:
    """The object in an answer. Raises TryAgain or OutcomeUnknown for one that does not keep the contract."""
    try:
        return read(fields.as_object(response.json()))
    except Unreadable as error:
        raise response.unreadable(str(error)) from error


def read_items(response: Response, read: Callable[[Json], T]) -> list[T]:
    """The whole page or an error: half a page is never handed out."""
    return read_answer(response, lambda page: [read(item) for item in fields.inners(page, "items")])


def follow_pages(call: Call, params: Mapping[str, str], page_size: int) -> Iterator[Response]:
    """The pages of a list, each fetched when the one before is used up."""
    cursor: str | None = None
    while True:
        turned = {} if cursor is None else {"cursor": cursor}
        response = call({**params, **turned, "limit": str(page_size)})
        yield response
        following = read_answer(response, _next_cursor)
        if following is None:
            return
        if following == cursor:
            raise response.unreadable("the same page again")
        cursor = following


def _next_cursor(page: Json) -> str | None:
    return None if fields.required(page, "next_cursor") is None else fields.text(page, "next_cursor")
