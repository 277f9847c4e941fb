"""What free-text search looks in: one line per activity, in every language, without case or accents."""

import unicodedata

from babel import Locale

from app.integrations.registry.interface import Activity

_LANGUAGES = ("en", "fr", "es")
# What people type for a technology, beside its code.
_TECHNOLOGY_WORDS = {
    "wind": "wind power éolien éolienne eólica eólico",
    "solar": "solar power photovoltaic solaire photovoltaïque fotovoltaica",
    "hydro": "hydropower hydroélectricité hydraulique hidroeléctrica hidráulica",
    "biogas": "biogas digester biogaz méthanisation biodigestor",
    "landfill-gas": "landfill gas waste décharge déchets vertedero residuos relleno",
    "cookstoves": "cookstoves clean cooking foyers cuisson cuisinières cocinas estufas",
    "water-purification": "water purification safe drinking eau potable purificación agua",
    "energy-efficiency": "energy efficiency efficacité énergétique eficiencia energética",
    "reforestation": "reforestation afforestation forest reboisement forêt reforestación bosque",
    "industrial-gas": "industrial gases n2o hfc gaz industriels gases industriales",
}


def fold(text: str) -> str:
    """Lower case without accents: "Taíba" → "taiba"."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    # Last, because a sign may decompose into capitals: ™.
    return plain.casefold()


def search_text(activity: Activity) -> str:
    """Everything that an activity should be found by."""
    countries = (Locale(language).territories.get(activity.host_party, "") for language in _LANGUAGES)
    parts = [
        activity.title,
        activity.summary,
        activity.activity_ref,
        activity.technology.replace("-", " "),
        _TECHNOLOGY_WORDS.get(activity.technology, ""),
        *countries,
        *activity.participants,
        *activity.methodologies,
    ]
    return fold(" ".join(part for part in parts if part))
