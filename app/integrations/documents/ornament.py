"""The faint lines at the head of a certificate, like contours on a map: no two certificates share them."""

import hashlib
import math
from itertools import pairwise

_WIDTH, _HEIGHT = 210, 62  # millimetres
_LINES, _STEPS = 22, 30


def contour_lines(code: str) -> str:
    """An SVG picture drawn from the certificate's code: the same code gives the same lines."""
    seed = [byte / 255 for byte in hashlib.sha256(code.encode()).digest()]
    waves = [
        (1.5 + 6 * seed[at], (0.7 + at * 0.55 + 0.5 * seed[at + 8]) * math.tau, math.tau * seed[at + 16])
        for at in range(4)
    ]
    paths = []
    for number in range(_LINES):
        depth = number / (_LINES - 1)
        points = []
        for step in range(_STEPS + 1):
            across = step / _STEPS
            lift = sum(
                height * math.sin(turns * across + phase + depth * (1.2 + at * 0.6)) / (1 + at * 0.6)
                for at, (height, turns, phase) in enumerate(waves)
            )
            y = _HEIGHT * (0.02 + 0.8 * depth) + lift * (0.35 + 0.65 * math.sin(math.pi * across)) * 0.8
            points.append((across * _WIDTH, y))
        paths.append(f'<path d="{_smooth(points)}" stroke="{_faded(depth)}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'fill="none" stroke-width="0.25">{"".join(paths)}</svg>'
    )


def _smooth(points: list[tuple[float, float]]) -> str:
    """A quadratic curve through the middles of neighbouring points."""
    path = [f"M{points[0][0]:.2f} {points[0][1]:.2f}"]
    for (x, y), (next_x, next_y) in pairwise(points):
        path.append(f"Q{x:.2f} {y:.2f} {(x + next_x) / 2:.2f} {(y + next_y) / 2:.2f}")
    path.append(f"L{points[-1][0]:.2f} {points[-1][1]:.2f}")
    return "".join(path)


def _faded(depth: float) -> str:
    """From a light tint of the brand colour at the top to white."""
    top, bottom = (0xC4, 0xDE, 0xF1), (0xFF, 0xFF, 0xFF)
    mixed = (round(start + (end - start) * depth) for start, end in zip(top, bottom, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)
