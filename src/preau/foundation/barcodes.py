"""Codes that machines read, as SVG pictures for documents and pages."""

import zxingcpp


def qr_svg(text: str) -> bytes:
    """A QR code with its quiet zone, level M (15 % of the picture may be lost)."""
    return _svg(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M"))


def code128_svg(text: str) -> bytes:
    """A linear code for the hand-held readers of an office.

    Raises:
        ValueError: the text holds a character outside Latin-1.
    """
    return _svg(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128))


def _svg(code: zxingcpp.Barcode) -> bytes:
    picture: str = zxingcpp.write_barcode_to_svg(code)
    return picture.encode()
