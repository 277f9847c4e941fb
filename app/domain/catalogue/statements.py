"""The statements behind the catalogue.

They are built once, when the module is loaded, and differ only in their parameters: the catalogue is the
page that most people see, and building them would take longer than running them. The parameters are
those of `Search` (queries.py); an empty list means any.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.offers.sellable import available_units, is_sellable
from app.domain.people.models import Provider
from app.money import EXPONENTS

PAGE_SIZE = 24
# The default is a shuffle that changes every day, the same for everybody: whoever is cheap or early in
# the alphabet is not always first (docs/decisions.md, "No cheapest first").
SORTS = ("mixed", "newest", "available", "title", "price", "price-desc")


def on_sale(statement: Select[*tuple[Any, ...]], now: Any) -> Select[*tuple[Any, ...]]:
    """`statement` over offers of which at least their smallest quantity can be ordered now."""
    return (
        statement.select_from(Offer)
        .join(Provider, Provider.id == Offer.provider_id)
        .join(Mandate, Mandate.mandate_id == Offer.mandate_id)
        .join(Block, Block.block_id == Mandate.block_id)
        .join(Activity, Activity.activity_ref == Block.activity_ref)
        .where(is_sellable(now), available_units() >= Offer.min_quantity)
    )


_NOW: Any = bindparam("now", type_=DateTime(timezone=True))


def _with_decimals(places: int) -> ColumnElement[bool]:
    codes = ",".join(code for code, own in EXPONENTS.items() if own == places)
    return Offer.currency == func.any(literal_column(f"'{{{codes}}}'::text[]"))


# The price of a tonne as a number, in major units of its own currency.
_PRICE = cast(Offer.price_minor, Numeric) / case((_with_decimals(0), 1), (_with_decimals(3), 1000), else_=100)


def _any_of(name: str, column: ColumnElement[Any], kind: Any) -> ColumnElement[bool]:
    """Nothing chosen, or the column's value among the chosen (for an array: any of its values)."""
    chosen: ColumnElement[Any] = bindparam(name, type_=ARRAY(kind))
    met = column.bool_op("&&")(chosen) if isinstance(column.type, ARRAY) else column == func.any(chosen)
    return or_(func.cardinality(chosen) == 0, met)


COLUMNS: dict[str, ColumnElement[Any]] = {
    "countries": Activity.host_party.expression,
    "technologies": Activity.technology.expression,
    "scopes": Activity.sectoral_scopes.expression,
    "vintages": Block.vintage.expression,
    "classes": Block.unit_class.expression,
    "sdgs": Activity.sdgs.expression,
}
_NUMBERS = {"scopes", "vintages", "sdgs"}
FACETS = {
    name: _any_of(name, column, Integer if name in _NUMBERS else Text) for name, column in COLUMNS.items()
}


def _asked(statement: Select[*tuple[Any, ...]], has_words: bool) -> Select[*tuple[Any, ...]]:
    """On sale, and met by the free text and the price asked for."""
    statement = on_sale(statement, _NOW).where(
        _PRICE.between(bindparam("min_price", type_=Numeric), bindparam("max_price", type_=Numeric)),
        Activity.search_text.like(func.all(bindparam("patterns", type_=ARRAY(Text)))),
    )
    if has_words:
        # Written as in the index, or it would not be used.
        document = func.to_tsvector(literal_column("'simple'"), Activity.search_text)
        asked = func.to_tsquery(literal_column("'simple'"), bindparam("words", type_=Text))
        statement = statement.where(document.bool_op("@@")(asked))
    return statement


def _counts(has_words: bool) -> Any:
    """Rows (facet, text, number, activities), every facet counted with all the other filters applied."""
    columns = [column.label(name) for name, column in COLUMNS.items()]
    checks = [met.label(f"{name}_met") for name, met in FACETS.items()]
    found = _asked(select(Activity.activity_ref, Offer.currency, *columns, *checks), has_words).cte("found")
    number: ColumnElement[Any]
    parts = []
    for name, column in COLUMNS.items():
        option = func.unnest(found.c[name]) if isinstance(column.type, ARRAY) else found.c[name]
        others = and_(*(found.c[f"{other}_met"] for other in COLUMNS if other != name))
        options = select(found.c.activity_ref, option.label("option")).where(others).subquery()
        text, number = (null(), options.c.option) if name in _NUMBERS else (options.c.option, null())
        parts.append(
            select(
                literal(name),
                cast(text, Text),
                cast(number, Integer),
                func.count(options.c.activity_ref.distinct()),
            ).group_by(options.c.option)
        )
    all_met = and_(*(found.c[f"{name}_met"] for name in COLUMNS))
    matching = func.count(found.c.activity_ref.distinct())
    parts.append(select(literal("total"), cast(null(), Text), cast(null(), Integer), matching).where(all_met))
    parts.append(
        select(literal("currencies"), found.c.currency, cast(null(), Integer), matching)
        .where(all_met)
        .group_by(found.c.currency)
    )
    return union_all(*parts)


def _cards(has_words: bool, sort: str) -> Select[*tuple[Any, ...]]:
    available = func.sum(available_units())
    first_price = func.array_agg(aggregate_order_by(_PRICE, Offer.currency, _PRICE))[1]
    order: dict[str, tuple[ColumnElement[Any], ...]] = {
        "mixed": (func.md5(Activity.activity_ref + cast(bindparam("day", type_=Date), Text)),),
        "newest": (func.max(Block.monitoring_end).desc(),),
        "available": (available.desc(),),
        "title": (func.lower(Activity.title),),
        "price": (func.min(Offer.currency), first_price),
        "price-desc": (func.min(Offer.currency), first_price.desc()),
    }
    columns = (
        Activity.activity_ref,
        Activity.title,
        Activity.host_party,
        Activity.technology,
        Activity.sectoral_scopes,
        Activity.sdgs,
        func.array_agg(Block.vintage).label("vintages"),
        func.array_agg(Block.unit_class).label("classes"),
        func.array_agg(Offer.currency).label("currencies"),
        func.array_agg(Offer.price_minor).label("minors"),
        available.label("available"),
    )
    return (
        _asked(select(*columns), has_words)
        .where(*FACETS.values())
        .group_by(Activity.activity_ref)
        .order_by(*order[sort], Activity.activity_ref)
        .limit(PAGE_SIZE)
        .offset(bindparam("skip", type_=Integer))
    )


COUNTS = {has_words: _counts(has_words) for has_words in (False, True)}
CARDS = {(has_words, sort): _cards(has_words, sort) for has_words in (False, True) for sort in SORTS}
FIGURES = on_sale(
    select(
        func.count(Activity.activity_ref.distinct()),
        func.count(Activity.host_party.distinct()),
        select(func.coalesce(func.sum(Offer.cancelled), 0)).select_from(Offer).scalar_subquery(),
    ),
    _NOW,
)
