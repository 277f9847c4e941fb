"""Read a QR code back, as a banking application's camera would."""

import segno
import zxingcpp


def read_back(symbol: segno.QRCode) -> str:
    """The text in the symbol, from its picture."""
    rows = [bytes(0 if dark else 255 for dark in row) for row in symbol.matrix_iter(scale=4, border=4)]
    picture = memoryview(b"".join(rows)).cast("B", (len(rows), len(rows[0])))
    found = zxingcpp.read_barcode(picture, text_mode=zxingcpp.TextMode.Plain)
    assert found is not None
    return str(found.text)
