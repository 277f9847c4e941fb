"""The words that pages show for the registry's codes. One code, one wording, everywhere."""

from flask_babel import gettext as _

# Every text stands in a call of its own, so that the string catalogue finds it.


def technology(code: str) -> str:
    """A technology's name; a code we do not know yet is shown readable, not hidden."""
    names = {
        "wind": _("Wind"),
        "solar": _("Solar"),
        "hydro": _("Hydropower"),
        "biogas": _("Biogas"),
        "landfill-gas": _("Landfill gas"),
        "cookstoves": _("Efficient cookstoves"),
        "water-purification": _("Water purification"),
        "energy-efficiency": _("Energy efficiency"),
        "reforestation": _("Reforestation"),
        "industrial-gas": _("Industrial gases"),
    }
    return names.get(code) or code.replace("-", " ").capitalize()


def scope(number: int) -> str:
    """A sectoral scope's name (1 to 16)."""
    names = {
        1: _("Energy industries"),
        2: _("Energy distribution"),
        3: _("Energy demand"),
        4: _("Manufacturing industries"),
        5: _("Chemical industries"),
        6: _("Construction"),
        7: _("Transport"),
        8: _("Mining and mineral production"),
        9: _("Metal production"),
        10: _("Fugitive emissions from fuels"),
        11: _("Fugitive emissions from halocarbons and SF6"),
        12: _("Solvent use"),
        13: _("Waste handling and disposal"),
        14: _("Afforestation and reforestation"),
        15: _("Agriculture"),
        16: _("CO2 capture and geological storage"),
    }
    return names.get(number) or str(number)


def sdg(number: int) -> str:
    """A sustainable development goal's name (1 to 17)."""
    names = {
        1: _("No poverty"),
        2: _("Zero hunger"),
        3: _("Good health and well-being"),
        4: _("Quality education"),
        5: _("Gender equality"),
        6: _("Clean water and sanitation"),
        7: _("Affordable and clean energy"),
        8: _("Decent work and economic growth"),
        9: _("Industry, innovation and infrastructure"),
        10: _("Reduced inequalities"),
        11: _("Sustainable cities and communities"),
        12: _("Responsible consumption and production"),
        13: _("Climate action"),
        14: _("Life below water"),
        15: _("Life on land"),
        16: _("Peace, justice and strong institutions"),
        17: _("Partnerships for the goals"),
    }
    return names.get(number) or str(number)


def unit_class(code: str) -> str:
    """AER or MCER, spelled out."""
    names = {"AER": _("Authorized for other purposes"), "MCER": _("Mitigation contribution")}
    return names.get(code) or code


def use(code: str) -> str:
    """What a host Party authorized units for."""
    names = {
        "NDC": _("use towards a nationally determined contribution"),
        "IMP": _("international mitigation purposes"),
        "OP": _("other purposes"),
    }
    return names.get(code) or code


def purpose(code: str) -> str:
    """Why a buyer cancels."""
    names = {
        "voluntary_contribution": _("Voluntary contribution to climate action"),
        "voluntary_compensation": _("Voluntary compensation of emissions"),
        "event": _("An event"),
        "product": _("A product or service"),
        "travel": _("Travel"),
        "other": _("Other voluntary purpose"),
    }
    return names.get(code) or code


def activity_kind(code: str) -> str:
    """Project, programme or component."""
    names = {"project": _("Project"), "programme": _("Programme"), "component": _("Component of a programme")}
    return names.get(code) or code
