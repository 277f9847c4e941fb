"""The statements behind the catalogue.

The catalogue is the page that most people see, and finding what is on sale is its dearest step. So one statement
finds it once and reads the figures, the counts and the cards from that. Each of the statements is
built once, at its first use, and differs only in its parameters, those of `Search` (queries.py); an empty list
means any.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    JSON,
    BigInteger,
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
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.offers.price_for import price_at
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


# The price of a tonne for whoever takes as few as can be; only where that is more than one can it be a step's.
_MINOR = case((Offer.min_quantity > 1, price_at(Offer.min_quantity.expression)), else_=Offer.price_minor)
# The same as a number, in major units of its own currency.
_PRICE = cast(_MINOR, Numeric) / case((_with_decimals(0), 1), (_with_decimals(3), 1000), else_=100)


def _any_of(name: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Nothing chosen, or the column's value among the chosen (for an array: any of its values)."""
    chosen: ColumnElement[Any] = bindparam(name, type_=ARRAY(Integer if name in NUMBERS else Text))
    met = column.bool_op("&&")(chosen) if isinstance(column.type, ARRAY) else column == func.any(chosen)
    return or_(func.cardinality(chosen) == 0, met)


FACETS: dict[str, ColumnElement[Any]] = {
    "countries": Activity.host_party.expression,
    "technologies": Activity.technology.expression,
    "scopes": Activity.sectoral_scopes.expression,
    "vintages": Block.vintage.expression,
    "classes": Block.unit_class.expression,
    "sdgs": Activity.sdgs.expression,
}
NUMBERS = {"scopes", "vintages", "sdgs"}


def _asked_for(sale: CTE, has_words: bool) -> ColumnElement[bool]:
    """Met by the free text and the price asked for."""
    patterns: ColumnElement[Any] = bindparam("patterns", type_=ARRAY(Text))
    with_them = select(Activity.activity_ref).where(Activity.search_text.like(func.all(patterns)))
    asked = [
        sale.c.price.between(bindparam("min_price", type_=Numeric), bindparam("max_price", type_=Numeric)),
        or_(func.cardinality(patterns) == 0, sale.c.activity_ref.in_(with_them)),
    ]
    if has_words:
        # Written as in the index, or it would not be used.
        document = func.to_tsvector(literal_column("'simple'"), Activity.search_text)
        words = func.to_tsquery(literal_column("'simple'"), bindparam("words", type_=Text))
        asked.append(
            sale.c.activity_ref.in_(select(Activity.activity_ref).where(document.bool_op("@@")(words)))
        )
    return and_(*asked)


@cache
def search_statement(has_words: bool, sort: str) -> Select[*tuple[Any, ...]]:
    """One row: the figures (`activities`, `hosts`, `cancelled`), the `total` of activities found, and as JSON the page's
    `cards` in their order and, of `currencies` and of each facet, an object with the count of activities of each
    option, each facet counted with all the other filters applied. Null where there is none.
    """
    columns = [column.label(name) for name, column in FACETS.items()]
    on_sale_now = on_sale(
        select(
            Activity.activity_ref,
            Activity.title,
            *columns,
            Block.monitoring_end,
            Offer.currency,
            _MINOR.label("price_minor"),
            _PRICE.label("price"),
            available_units().label("available"),
        ),
        _NOW,
    )
    sale = on_sale_now.cte("sale").prefix_with("MATERIALIZED", dialect="postgresql")
    checks = [_any_of(name, sale.c[name]).label(f"{name}_met") for name in FACETS]
    found = select(sale, *checks).where(_asked_for(sale, has_words)).cte("found")
    met = {name: found.c[f"{name}_met"] for name in FACETS}
    matching = select(found).where(*met.values()).cte("matching")
    facets = {
        name: _counted(
            func.unnest(found.c[name]) if isinstance(column.type, ARRAY) else found.c[name],
            found,
            [check for other, check in met.items() if other != name],
        )
        for name, column in FACETS.items()
    }
    answers = {
        "activities": select(func.count(sale.c.activity_ref.distinct())),
        "hosts": select(func.count(sale.c.countries.distinct())),
        "cancelled": select(func.coalesce(func.sum(Offer.cancelled), 0)),
        "total": select(func.count(matching.c.activity_ref.distinct())),
        "currencies": _counted(matching.c.currency, matching, []),
        "cards": _cards(matching, sort),
        **facets,
    }
    return select(*(answer.scalar_subquery().label(name) for name, answer in answers.items()))


def _counted(
    option: ColumnElement[Any], of: CTE, where: list[ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    """A JSON object: activities by option."""
    options = select(of.c.activity_ref, option.label("option")).where(*where).subquery()
    count = func.count(options.c.activity_ref.distinct()).label("activities")
    counts = select(options.c.option, count).group_by(options.c.option).subquery()
    return select(cast(func.json_object_agg(counts.c.option, counts.c.activities), JSON))


def _cards(matching: CTE, sort: str) -> Select[*tuple[Any, ...]]:
    """The cards of one page as a JSON list."""
    of = matching.c
    available = func.sum(of.available)
    first_price = func.array_agg(aggregate_order_by(of.price, of.currency, of.price))[1]
    order: dict[str, tuple[ColumnElement[Any], ...]] = {
        "mixed": (
            # Null, and so last, for all that are not featured.
            func.array_position(bindparam("featured", type_=ARRAY(Text)), of.activity_ref),
            func.md5(of.activity_ref + cast(bindparam("day", type_=Date), Text)),
        ),
        "newest": (func.max(of.monitoring_end).desc(),),
        "available": (available.desc(),),
        "title": (func.lower(of.title),),
        "price": (func.min(of.currency), first_price),
        "price-desc": (func.min(of.currency), first_price.desc()),
    }
    # A page past the end becomes the last one.
    pages = (func.count(of.activity_ref.distinct()) + PAGE_SIZE - 1) // PAGE_SIZE
    page = func.greatest(
        func.least(bindparam("page", type_=BigInteger), select(pages).correlate(None).scalar_subquery()), 1
    )
    activity = (of.activity_ref, of.title, of.countries, of.technologies, of.scopes, of.sdgs)
    cards = (
        select(
            *activity,
            func.array_agg(of.vintages).label("vintages"),
            func.array_agg(of.classes).label("classes"),
            func.array_agg(of.currency).label("currencies"),
            func.array_agg(of.price_minor).label("minors"),
            available.label("available"),
            func.row_number().over(order_by=(*order[sort], of.activity_ref)).label("place"),
        )
        .group_by(*activity)
        .order_by("place")
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
        .subquery("card")
    )
    row = func.row_to_json(literal_column("card"))
    return select(cast(func.json_agg(aggregate_order_by(row, cards.c.place)), JSON)).select_from(cards)
