"""The catalogue and the page of one project."""

from flask import Response, abort, make_response, render_template, request
from jinja2_fragments.flask import render_blocks

from app.domain.catalogue import queries
from app.domain.content.queries import shown_content
from app.domain.sales.service_record import confirmation_days
from app.extensions import now, reading
from app.i18n import request_language
from app.web.public import search_view
from app.web.public.blueprint import blueprint
from app.web.public.search_form import address, pairs, read_search
from app.web.support.site_settings import featured

# What htmx swaps in when a filter changes; everything else on the page stays.
_CHANGING = ["results", "count", "facets"]


@blueprint.get("/projects")
def projects() -> Response:
    """The catalogue; for htmx only its results and counts."""
    form = read_search(request.args)
    found = queries.search(reading(), form.search, now(), featured())
    query = pairs(form.search)
    shown = {
        "form": form,
        "found": found,
        "facets": search_view.facets(found, form.search),
        "chips": search_view.chips(form.search),
        "cards": search_view.cards(found),
        "address_of": lambda page: address(query, page),
    }
    # A page asked for again by the history has to be whole.
    if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
        response = make_response(render_blocks("public/projects.html", _CHANGING, fragment=True, **shown))
        response.headers["HX-Push-Url"] = address(query, found.page)
    else:
        response = make_response(render_template("public/projects.html", fragment=False, **shown))
    response.vary.add("HX-Request")
    return response


@blueprint.get("/projects/<activity_ref>")
def project(activity_ref: str) -> str:
    """One project, whether anything of it is on sale or not."""
    # PostgreSQL takes no NUL, and nothing unprintable is a reference.
    known = activity_ref.isprintable()
    shown = queries.activity_page(reading(), activity_ref, now()) if known else None
    if shown is None:
        abort(404)
    sellers = {line.provider.id for line in shown.offers}
    return render_template(
        "public/project.html",
        shown=shown,
        activity=shown.activity,
        said=shown_content(reading(), activity_ref, request_language()),
        confirms=confirmation_days(reading(), sellers, now()) if sellers else {},
    )
