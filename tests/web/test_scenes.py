"""The drawn scenes of the catalogue."""

import re

import pytest

from app.web.support.scenes import scene

TECHNOLOGIES = [
    "wind",
    "solar",
    "hydro",
    "biogas",
    "landfill-gas",
    "cookstoves",
    "water-purification",
    "energy-efficiency",
    "reforestation",
    "industrial-gas",
]


@pytest.mark.parametrize("technology", [*TECHNOLOGIES, "something-new"])
def test_a_scene_is_small_hidden_from_readers_and_has_no_style(technology):
    for number in range(50):
        drawn = scene(technology, f"A6.4-MW-{number:06d}")
        assert len(drawn) <= 900
        assert drawn.startswith("<svg ")
        assert 'aria-hidden="true"' in drawn
        assert "style" not in drawn


def test_a_scene_stays_the_same_and_differs_between_activities():
    scene.cache_clear()
    drawn = scene("wind", "A6.4-BR-000001")
    scene.cache_clear()
    assert scene("wind", "A6.4-BR-000001") == drawn
    assert scene("wind", "A6.4-BR-000002") != drawn


def test_every_technology_has_a_motif_of_its_own():
    shapes = {
        re.sub(r'fill="#[0-9a-f]{6}"|-?\d+', "", scene(technology, "A6.4-BR-000001"))
        for technology in TECHNOLOGIES
    }
    assert len(shapes) == len(TECHNOLOGIES)


def test_what_an_activity_is_called_never_gets_into_its_picture():
    assert "script" not in scene("<script>", "A6.4-<script>")
