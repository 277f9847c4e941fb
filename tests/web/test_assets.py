"""Stylesheets and scripts: how they are built, and how they are sent."""

import gzip
import json
import os
import time

import brotli
import pytest
from flask import Flask

from app.web.support import assets
from scripts import build_assets

PICO = """@charset "UTF-8";
/*!
 * Pico CSS (licence)
 */
/**
 * Styles
 */
:root { --pico-color: red; }
/**
 * Tooltip ([data-tooltip])
 */
[data-tooltip] { color: blue; }
"""


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Sources and a build folder of one's own."""
    pico = tmp_path / "node_modules/@picocss/pico/css/pico.css"
    htmx = tmp_path / "node_modules/htmx.org/dist/htmx.min.js"
    for path, text in ((pico, PICO), (htmx, "var htmx = 1;")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "src").mkdir()
    for name, text in (
        ("site.css", ".own { color: green; }"),
        ("site.js", "go();"),
        ("favicon.svg", "<svg/>"),
    ):
        (tmp_path / "src" / name).write_text(text)
    monkeypatch.setattr(build_assets, "SOURCES", tmp_path / "src")
    monkeypatch.setattr(build_assets, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(build_assets, "BUILD", tmp_path / "build")
    monkeypatch.setattr(build_assets, "PICO_SECTIONS", ("Styles",))
    return tmp_path


def test_the_build_names_files_by_their_content_and_compresses_them(places):
    manifest = build_assets.build()
    css = places / "build" / manifest["site.css"]
    content = css.read_bytes()
    assert manifest == json.loads((places / "build/manifest.json").read_text())
    assert set(manifest) == {"site.css", "htmx.js", "site.js", "favicon.svg"}
    assert brotli.decompress(css.with_name(css.name + ".br").read_bytes()) == content
    assert gzip.decompress(css.with_name(css.name + ".gz").read_bytes()) == content


def test_our_rules_follow_picos_layer_and_its_licence_stays(places):
    css = (places / "build" / build_assets.build()["site.css"]).read_text()
    assert "Pico CSS (licence)" in css
    assert "@layer pico{:root{--pico-color: red}}.own{color: green}" in css
    assert "tooltip" not in css


def inodes(folder):
    """Writing a file gives it another inode."""
    return {path: path.stat().st_ino for path in folder.iterdir() if path.name != "manifest.json"}


def test_building_again_writes_only_what_has_changed(places):
    first = build_assets.build()
    before = inodes(places / "build")
    (places / "src/site.js").write_text("go(further);")
    second = build_assets.build()
    after = inodes(places / "build")
    assert {name for name in first if first[name] != second[name]} == {"site.js"}
    assert {path: after[path] for path in before} == before
    assert {path.name for path in set(after) - set(before)} == {
        second["site.js"] + twin for twin in ("", ".br", ".gz")
    }


def test_what_a_running_server_may_still_send_outlives_the_next_build_by_a_day(places):
    old = build_assets.build()["site.js"]
    long_ago = time.time() - 25 * 60 * 60
    for path in (places / "build").iterdir():
        os.utime(path, (long_ago, long_ago))
    build_assets.build()
    (places / "src/site.js").write_text("go(further);")
    build_assets.build()
    kept = [places / "build" / (old + twin) for twin in ("", ".br", ".gz")]
    assert all(path.exists() for path in kept)
    for path in (places / "build").iterdir():
        os.utime(path, (long_ago, long_ago))
    now = build_assets.build()["site.js"]
    assert not any(path.exists() for path in kept)
    assert (places / "build" / now).exists()


def test_a_section_that_pico_no_longer_has_stops_the_build(places, monkeypatch):
    monkeypatch.setattr(build_assets, "PICO_SECTIONS", ("Styles", "Gone"))
    with pytest.raises(LookupError, match="Gone"):
        build_assets.build()


@pytest.mark.parametrize(
    "css,squeezed",
    [
        ("a  >  b , c {\n color : red ;\n}", "a>b,c{color : red}"),
        ("/* why */ a { } /*! licence */", "a{}/*! licence */"),
        ('a::after { content: "a  ;  { /* b */"; }', 'a::after{content: "a  ;  { /* b */"}'),
        ("a :hover { margin: calc(1px + 2px) }", "a :hover{margin: calc(1px + 2px)}"),
        ("@media (a) and (b) { c { d: e } }", "@media (a) and (b){c{d: e}}"),
    ],
)
def test_squeezing_keeps_what_means_something(css, squeezed):
    assert build_assets.squeeze(css) == squeezed + "\n"


def test_without_node_modules_the_build_says_what_to_run(places, monkeypatch, capsys):
    monkeypatch.setattr(build_assets, "MODULES", places / "nowhere")
    assert build_assets.main() == 1
    assert "npm ci" in capsys.readouterr().err


def serve(folder):
    app = Flask("sample")
    assets.init_app(app, folder)
    return app


def test_a_file_is_sent_compressed_and_kept_for_ever(places):
    (places / "src/site.css").write_text(".own { color: green; }" * 99)
    build_assets.build()
    app = serve(places / "build")
    url = app.jinja_env.globals["asset_url"]("site.css")
    with app.test_client().get(url, headers={"Accept-Encoding": "gzip, br"}) as response:
        assert response.status_code == 200
        assert response.headers["Content-Encoding"] == "br"
        assert "immutable" in response.headers["Cache-Control"]
        assert response.mimetype == "text/css"
    with app.test_client().get("/static/manifest.json") as response:
        assert "immutable" not in response.headers["Cache-Control"]


def test_a_name_that_was_not_built_is_an_error_not_a_broken_link(places):
    build_assets.build()
    with pytest.raises(KeyError):
        serve(places / "build").jinja_env.globals["asset_url"]("other.css")


def test_an_application_without_its_assets_does_not_start(tmp_path):
    with pytest.raises(assets.AssetsNotBuilt, match="build_assets"):
        serve(tmp_path)
