"""QR codes as pictures, inline on pages and as files in documents."""

from markupsafe import Markup

from app.domain.payments.bank.qr import PaymentCode


def code_picture(code: PaymentCode) -> Markup:
    """A QR code as an inline picture without styles; the Swiss one with its cross."""
    size = len(code.symbol.matrix) + 2 * 4
    picture = code.symbol.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, unit=None)
    if code.kind == "swiss":
        picture = picture.replace("</svg>", f"{_swiss_cross(size)}</svg>")
    return Markup(picture)  # noqa: S704 (made of numbers by segno)


def code_file(code: PaymentCode) -> str:
    """The same as a picture of its own, for documents."""
    return str(code_picture(code)).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _swiss_cross(size: int) -> str:
    """7 of 46 mm in the middle, as the style guide of SIX draws it; the code's error correction allows for it."""
    whole = (size - 8) * 7 / 46
    corner, unit = (size - whole) / 2, whole / 7
    arm, across = unit * 1.17, unit * 3.9
    middle = size / 2
    return (
        f'<rect x="{corner:.2f}" y="{corner:.2f}" width="{whole:.2f}" height="{whole:.2f}" fill="#fff"/>'
        f'<rect x="{corner + unit / 2:.2f}" y="{corner + unit / 2:.2f}" width="{unit * 6:.2f}" height="{unit * 6:.2f}"/>'
        f'<path fill="#fff" d="M{middle - arm / 2:.2f} {middle - across / 2:.2f}h{arm:.2f}v{across:.2f}h-{arm:.2f}z'
        f'M{middle - across / 2:.2f} {middle - arm / 2:.2f}h{across:.2f}v{arm:.2f}h-{across:.2f}z"/>'
    )
