"""The first page of the checkout: what the certificate says, where it goes, how it is paid."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.orders.basket import open_basket
from app.domain.orders.basket_queries import BasketNow, common_methods, read_basket
from app.domain.orders.details import purposes_for
from app.domain.orders.models import Basket
from app.extensions import database, neighbours, now
from app.i18n import LANGUAGES, language_name, request_language
from app.web.public.blueprint import blueprint
from app.web.public.checkout.account import MYSELF, Account, Choices, account_here
from app.web.public.checkout.details_form import DetailsForm
from app.web.public.checkout.hints import Hints
from app.web.support import visitor
from app.web.support.fields import countries
from app.web.support.order_words import method_card, service
from app.web.support.words import purpose


@blueprint.get("/checkout")
def checkout() -> Response | str:
    """The form, filled in as far as it was before."""
    basket = read_basket(database(), visitor.basket_id(), now())
    if not basket.ready:
        return redirect(url_for("public.basket"), 303)
    methods = usable_methods(basket)
    kept = database().get_one(Basket, visitor.basket_id())
    account = account_here()
    method = visitor.method() if visitor.method() in methods else methods[0] if len(methods) == 1 else None
    first = {"certificate_language": request_language(), "method": method}
    if account is not None:
        first |= account.known()
    form = DetailsForm(methods, usable_purposes(basket), formdata=None, data=first | (kept.details or {}))
    return _page(form, basket, account, Choices(organisation_id=kept.organisation_id))


@blueprint.post("/checkout")
def save_details() -> Response | str | tuple[str, int]:
    """Keep what is valid with the basket and go on to reading it back; else show what is wrong beside it."""
    at, session = now(), database()
    basket = read_basket(session, visitor.basket_id(), at)
    if not basket.ready:
        return redirect(url_for("public.basket"), 303)
    form = DetailsForm(usable_methods(basket), usable_purposes(basket))
    account = account_here()
    choices = account.choices() if account else Choices()
    if choices.beneficiary is not None:
        form.take(choices.beneficiary)
    if chosen := request.form.get("email_use"):
        form.email.data = chosen
    if not form.validate():
        return _page(form, basket, account, choices), 422
    hints = Hints.of(form)
    if hints.unseen:
        return _page(form, basket, account, choices, hints), 422
    kept = open_basket(session, visitor.basket_id(), at)
    kept.details, kept.changed_at = form.details().as_json(), at
    kept.organisation_id = choices.organisation_id
    if account is not None:
        account.keep(form.details(), choices)
    session.commit()
    visitor.remember_basket(kept.id)
    visitor.remember_method(form.method.data)
    return redirect(url_for("public.confirm"), 303)


def usable_methods(basket: BasketNow) -> list[str]:
    """Codes of the gateways that every seller has and this installation knows."""
    return [code for code in common_methods(database(), basket) if code in neighbours().gateways]


def usable_purposes(basket: BasketNow) -> tuple[str, ...]:
    """Purposes that the certificates of everything in the basket can state."""
    return purposes_for({line.block.unit_class for line in basket.lines})


def method_cards(methods: list[str]) -> list[dict[str, str]]:
    """The ways to pay, for the page. Where two would be called alike, the service tells them apart."""
    cards = [method_card(code) for code in methods]
    labels = [card["label"] for card in cards]
    for card in cards:
        if labels.count(card["label"]) > 1:
            card["label"] = f"{card['label']} ({service(card['value'])})"
    return cards


def _page(
    form: DetailsForm,
    basket: BasketNow,
    account: Account | None,
    choices: Choices,
    hints: Hints | None = None,
) -> str:
    return render_template(
        "public/checkout/details.html",
        form=form,
        account=account,
        choices=choices,
        myself=MYSELF,
        basket=basket,
        hints=hints or Hints(),
        countries=countries(),
        purposes=[(code, purpose(code)) for code in form.purposes],
        certificate_languages=[{"value": code, "label": language_name(code)} for code in LANGUAGES],
        methods=method_cards(list(form.methods)),
    )
