"""Finding the codes of ballots on scanned pages and photographs. What a person marked, people read: twice."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import zxingcpp
from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from gongzhi.core.errors import Refused
from gongzhi.governance.votes.paper.codes import BadCode, read_code

MOST_PAGES = 500
MOST_PIXELS = 60_000_000
PDF_MARK = b"%PDF-"
JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page: its image as JPEG, and the code found on it; without one, somebody types it in."""

    number: int
    image: bytes
    code: str | None


def scanned_pages(content: bytes) -> list[ScannedPage]:
    """The pages of a scan: a PDF of images, a TIFF of several pages, or one photograph.

    Refuses (`bad_scan`) what is neither, too many pages, and images beyond 60 megapixels.
    """
    found = []
    for number, picture in enumerate(_pictures(content), start=1):
        if number > MOST_PAGES:
            raise Refused("bad_scan", f"一次最多{MOST_PAGES}页，请分几次上传。")
        if picture.width * picture.height > MOST_PIXELS:
            raise Refused("bad_scan", f"第{number}页太大，请用300dpi以下重新扫描。")
        flat = picture.convert("RGB")
        kept = io.BytesIO()
        flat.save(kept, "JPEG", quality=JPEG_QUALITY)
        found.append(ScannedPage(number, kept.getvalue(), _code(flat)))
    if not found:
        raise Refused("bad_scan", "文件里没有页面图像。请上传扫描的PDF、TIFF，或清晰的照片。")
    return found


def _pictures(content: bytes) -> Iterator[Image.Image]:
    try:
        if content.startswith(PDF_MARK):
            for page in PdfReader(io.BytesIO(content)).pages:
                pictures = [one.image for one in page.images if one.image is not None]
                if pictures:
                    yield max(pictures, key=lambda one: one.width * one.height)
            return
        with Image.open(io.BytesIO(content)) as file:
            for number in range(getattr(file, "n_frames", 1)):
                file.seek(number)
                yield file.copy()
    except (UnidentifiedImageError, PyPdfError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Refused("bad_scan", "这个文件打不开。请上传扫描的PDF、TIFF，或清晰的照片。") from error


def _code(picture: Image.Image) -> str | None:
    """The one ballot code on the page. Two different ones are nobody's: a person decides."""
    codes = set()
    for one in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])):
        try:
            codes.add(read_code(one.text.rstrip("/").rpartition("/")[2]))
        except BadCode:
            continue
    return codes.pop() if len(codes) == 1 else None
