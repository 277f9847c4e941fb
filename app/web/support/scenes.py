"""Small drawn scenes, one per activity: its technology in a landscape of its own.

A catalogue without photographs is still good to look at, and an activity looks the same every day:
hills, light and tints come from the activity reference alone. Under 900 bytes each, no inline style.
"""

import colorsys
import hashlib
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

WIDTH, HEIGHT = 280, 118

# technology → sky, far hills, near hills
_PALETTES = {
    "wind": ("d9e7f0", "b0cede", "528bad"),
    "solar": ("f7ecd6", "eccd8f", "b27628"),
    "hydro": ("dcecec", "a3cbd0", "307a80"),
    "biogas": ("e6eedd", "bcd2a6", "5f8346"),
    "landfill-gas": ("ede8dd", "cfc1a2", "7f6f45"),
    "cookstoves": ("f4e1d8", "e0b39b", "964d33"),
    "water-purification": ("dcecf5", "9ecae4", "2f7ba8"),
    "energy-efficiency": ("e7e7df", "c5c4b4", "6d6a54"),
    "reforestation": ("dfefe5", "a6d0b5", "34765a"),
    "industrial-gas": ("e4e7ef", "b7bfd3", "586588"),
}
_OTHER = ("e3eaf0", "b9c8d4", "5b7690")


def _wind(shift: int) -> str:
    turbine = "M0 0v62M0 0 2-19M0 0l16 11M0 0-17 8"
    places = ((50 + shift, 34, 1), (132 - shift // 2, 28, 1.15), (214 + shift // 2, 38, 0.9))
    marks = "".join(f'<path d="{turbine}" transform="translate({x} {y})scale({s})"/>' for x, y, s in places)
    return f'<g stroke="#fff" stroke-width="2.6" stroke-linecap="round" fill="none">{marks}</g>'


def _solar(shift: int) -> str:
    panels = "".join(f"M{24 + shift + n * 44} 91l12-20h26l-12 20z" for n in range(5))
    lines = "".join(f"M{37 + shift + n * 44} 91l12-20m-18 10h26" for n in range(5))
    return (
        f'<circle cx="{226 - shift}" cy="30" r="16" fill="#fff" opacity=".8"/>'
        f'<path d="{panels}" fill="#fff" opacity=".9"/><path d="{lines}" stroke="#b27628" opacity=".45"/>'
    )


def _hydro(shift: int) -> str:
    x = 96 + shift
    return (
        f'<path d="M{x} 50h86l12 44H{x - 12}z" fill="#fff" opacity=".92"/>'
        f'<path d="M{x + 14} 58l-4 30m24-30-2 30m22-30 2 30m18-30 4 30" stroke="#307a80" stroke-width="3" opacity=".35"/>'
        '<path d="M0 96q35-7 70 0t70 0 70 0 70 0v22H0z" fill="#fff" opacity=".5"/>'
    )


def _biogas(shift: int) -> str:
    x = 78 + shift
    return (
        f'<path d="M{x} 88V72a30 24 0 0 1 60 0v16zM{x + 74} 88V62a7 5 0 0 1 28 0v26z" fill="#fff" opacity=".92"/>'
        f'<path d="M{x + 30} 48v-8h58v16M{x} 72h60" stroke="#fff" stroke-width="2.5" fill="none"/>'
        f'<path d="M{x} 72h60" stroke="#5f8346" opacity=".5"/>'
    )


def _landfill(shift: int) -> str:
    x = 60 + shift
    return (
        f'<path d="M{x} 94q20-36 70-38t76 38z" fill="#fff" opacity=".45"/>'
        f'<path d="M{x + 34} 70V56h84V40m-42 30V56" stroke="#fff" stroke-width="3" fill="none"/>'
        f'<path d="M{x + 118} 38q-10-10 0-22 11 12 0 22z" fill="#fff"/>'
    )


def _stove(shift: int) -> str:
    x = 108 + shift
    return (
        f'<path d="M{x} 66h58l6 28h-70zM{x + 8} 52h42v10H{x + 8}z" fill="#fff" opacity=".94"/>'
        f'<path d="M{x + 20} 94v-9q9-10 18 0v9z" fill="#964d33" opacity=".7"/>'
        f'<path d="M{x + 20} 44q-6-6 0-12t0-12m18 24q-6-6 0-12t0-12" '
        'stroke="#fff" stroke-width="3" stroke-linecap="round" fill="none"/>'
    )


def _water(shift: int) -> str:
    x = 140 + shift
    return (
        f'<path d="M{x} 18q24 30 24 44a24 24 0 0 1-48 0q0-14 24-44z" fill="#fff" opacity=".92"/>'
        f'<path d="M{x - 13} 62a13 13 0 0 0 11 13" stroke="#2f7ba8" stroke-width="3" stroke-linecap="round" '
        'fill="none" opacity=".55"/><path d="M0 98q35-8 70 0t70 0 70 0 70 0v20H0z" fill="#fff" opacity=".45"/>'
    )


def _efficiency(shift: int) -> str:
    x = 52 + shift
    windows = "".join(f"M{x + 12 + n * 14} 64v8m0 6v8m66-38v8m0 6v8m0 6v8m46-22v8m0 6v8" for n in range(3))
    return (
        f'<path d="M{x} 54h52v40H{x}zM{x + 64} 36h44v58h-44zM{x + 120} 58h56v36h-56z" fill="#fff" opacity=".92"/>'
        f'<path d="{windows}" stroke="#6d6a54" stroke-width="5" opacity=".45"/>'
    )


def _trees(shift: int) -> str:
    tree = "M0 0l15 24H7l13 22H-20l13-22h-8zM-2 46h4v12h-4z"
    places = (
        (48 + shift, 38, 1),
        (92 - shift, 28, 1.2),
        (150 + shift, 44, 0.85),
        (194, 32, 1.1),
        (240 - shift, 42, 0.9),
    )
    marks = "".join(f'<path d="{tree}" transform="translate({x} {y})scale({s})"/>' for x, y, s in places)
    return f'<g fill="#fff" opacity=".88">{marks}</g>'


def _industry(shift: int) -> str:
    x = 70 + shift
    return (
        f'<path d="M{x} 94V62l26-14v14l26-14v14l26-14v46zM{x + 92} 94l4-64h12l4 64zM{x + 118} 94l4-50h12l4 50z" '
        'fill="#fff" opacity=".92"/>'
        f'<path d="M{x + 10} 72h12m10 0h12m10 0h12M{x + 95} 46h14m13 8h12" stroke="#586588" stroke-width="5" '
        'opacity=".45"/>'
    )


def _sun(shift: int) -> str:
    return f'<circle cx="{190 + shift}" cy="34" r="17" fill="#fff" opacity=".8"/>'


_MOTIFS = {
    "wind": _wind,
    "solar": _solar,
    "hydro": _hydro,
    "biogas": _biogas,
    "landfill-gas": _landfill,
    "cookstoves": _stove,
    "water-purification": _water,
    "energy-efficiency": _efficiency,
    "reforestation": _trees,
    "industrial-gas": _industry,
}


def _tinted(colour: str, turn: float, lift: float) -> str:
    """The colour, turned a little around the wheel and made a little lighter or darker."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, light, full = colorsys.rgb_to_hls(red, green, blue)
    channels = colorsys.hls_to_rgb((hue + turn) % 1, min(max(light + lift, 0), 1), full)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _hills(heights: bytes, top: int, swing: int) -> str:
    """A ridge from edge to edge: smooth through five points whose heights the bytes decide."""
    ys = [top + byte % swing for byte in heights]
    step = WIDTH // (len(ys) - 1)
    smooth = "".join(f"S{step * n - step // 2} {y} {step * n} {y}" for n, y in enumerate(ys) if n)
    return f"M0 {ys[0]}{smooth}V{HEIGHT}H0z"


@lru_cache(maxsize=4096)
def scene(technology: str, activity_ref: str) -> Markup:
    """The activity's picture as inline SVG, hidden from screen readers: it says nothing that the page does not.

    An unknown technology code gets the plain landscape.
    """
    seed = hashlib.sha256(activity_ref.encode()).digest()
    sky, far, near = _PALETTES.get(technology, _OTHER)
    turn, lift = (seed[0] / 255 - 0.5) * 0.04, (seed[1] / 255 - 0.5) * 0.05
    motif = _MOTIFS.get(technology, _sun)(seed[2] % 25 - 12)
    behind = _hills(seed[3:8], 52, 26)
    front = _hills(seed[8:13], 82, 20)
    return Markup(  # noqa: S704 (numbers and colours made here; no text of anybody's)
        f'<svg class="scene" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMax slice" aria-hidden="true">'
        f'<path fill="{_tinted(sky, turn, lift / 3)}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<path fill="{_tinted(far, turn, lift)}" d="{behind}"/>'
        f'{motif}<path fill="{_tinted(near, turn, lift)}" d="{front}"/></svg>'
    )


def init_app(app: Flask) -> None:
    """Give templates `scene(technology, activity_ref)`."""
    app.jinja_env.globals["scene"] = scene
