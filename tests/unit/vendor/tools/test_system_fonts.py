"""Labels and documents with the fonts that Debian has, of which one is a collection."""

from pathlib import Path

import pytest

from spshipping.errors import ConfigurationError
from spshipping.vendor.tools.documents import DocumentKind, pdf_document
from spshipping.vendor.tools.fonts import FontFace, Fonts
from spshipping.vendor.tools.labels import pdf_labels, zpl_labels
from tests.unit.vendor.tools.goods import drawn, packing, pages, sscc_on, text_of

FOLDER = Path("/usr/share/fonts")
CJK = FontFace(FOLDER / "opentype/noto/NotoSansCJK-Regular.ttc")
FONTS = (
    FOLDER / "truetype/noto/NotoSans-Regular.ttf",
    FOLDER / "truetype/noto/NotoSansArabic-Regular.ttf",
    CJK,
)

pytestmark = [
    pytest.mark.papers,
    pytest.mark.skipif(
        not all(Path(path).exists() for path in (*FONTS[:2], CJK.path)),
        reason="needs Debian's fonts-noto-core and fonts-noto-cjk",
    ),
]


@pytest.mark.parametrize("language", ["de", "ar", "ja"])
def test_labels_have_each_script(language: str) -> None:
    found = packing(language)
    wanted = ["00095212340000000013"]
    assert [
        sscc_on(image) for image in pages(pdf_labels(found, found.cartons[:1], fonts=FONTS).data)
    ] == wanted
    for dpi in (203, 300):
        zpl = zpl_labels(found, found.cartons[:1], dpi=dpi, fonts=FONTS).data
        assert [sscc_on(image) for image in drawn(zpl, dpi)] == wanted
    if language == "ja":
        assert "山田 太郎 様" in text_of(pdf_labels(found, found.cartons[:1], fonts=FONTS).data)


def test_a_collection_has_several_fonts() -> None:
    assert Fonts([FontFace(CJK.path, 1)]).has("山")
    with pytest.raises(ConfigurationError, match=r"CJK-Regular\.ttc has no font with the number 99"):
        Fonts([FontFace(CJK.path, 99)])


@pytest.mark.parametrize(
    ("language", "name"), [("de", "Österreichische"), ("ja", "野菜スープ（大）"), ("ar", "12211")]
)
def test_documents_find_the_fonts_of_the_system_by_themselves(language: str, name: str) -> None:
    made = pdf_document(packing(language), DocumentKind.DELIVERY_NOTE, language=language)
    assert name in text_of(made.data)
