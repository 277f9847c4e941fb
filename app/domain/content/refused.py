"""Why something that a provider adds is not taken."""


class ContentRefused(Exception):
    """It is not taken.

    `code`: empty | too_large | wrong_kind | too_many_pixels | too_small | too_many | text_missing | text_too_long.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
