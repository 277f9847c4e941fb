"""Where the certificate's fonts are. They come with `npm ci`; the system's fonts are never used."""

from pathlib import Path

import typst

NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"

# Only these weights are read; a package brings all of them.
_WEIGHTS = ("400Regular", "600SemiBold")


class MissingFonts(Exception):
    """The fonts are not installed; the message says how to."""


# What sets a character that several fonts have: the first of these. Vazirmatn before Noto's Arabic, whose dots are
# glyphs of their own, so that copied and searched text falls apart.
FAMILIES = ("Noto Sans", "Vazirmatn")


def load_fonts(node_modules: Path = NODE_MODULES) -> typst.Fonts:
    """Vazirmatn and all `noto-sans*` families of `@expo-google-fonts`: one more script is one more package.

    Raises MissingFonts where the Latin family or the one for serial numbers is not there.
    """
    fonts = node_modules / "@expo-google-fonts"
    packages = [fonts / "vazirmatn", *sorted(fonts.glob("noto-sans*"))]
    if missing := {"noto-sans", "noto-sans-mono"} - {package.name for package in packages}:
        raise MissingFonts(f"{', '.join(sorted(missing))} not found in {node_modules}; run `npm ci`")
    directories = [package / weight for package in packages for weight in _WEIGHTS]
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[directory for directory in directories if directory.is_dir()],
    )
