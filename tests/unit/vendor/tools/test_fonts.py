"""Lines of text in several scripts, as they are drawn."""

from pathlib import Path

import pytest
from PIL import Image

from spshipping.errors import ConfigurationError
from spshipping.vendor.tools.fonts import FontFace, Fonts
from tests.unit.vendor.tools.goods import ARABIC, FONTS, JAPANESE


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts(FONTS)


def seen(fonts: Fonts, text: str) -> list[tuple[str, bool]]:
    return [(run.text, run.is_rightward) for run in fonts.line(text)]


def test_directions_stand_in_the_order_of_the_eye(fonts: Fonts) -> None:
    assert seen(fonts, "abc محمد 12 xyz") == [("abc 12", True), ("محمد ", False), (" xyz", True)]
    assert [text.strip() for text, _ in seen(fonts, "شركة Mill GmbH 12")] == ["Mill GmbH 12", "شركة"]


def test_arabic_letters_are_joined_and_written_leftward(fonts: Fonts) -> None:
    (run,) = fonts.line("محمد")
    assert not run.is_rightward
    apart = [fonts.line(char)[0].glyphs[0][0] for char in "محمد"]
    assert [glyph for glyph, *_ in reversed(run.glyphs)] != apart
    assert [left for _, left, _ in run.glyphs] == sorted(left for _, left, _ in run.glyphs)


def test_a_joiner_stays_in_its_word(fonts: Fonts) -> None:
    (run,) = fonts.line("نامه\u200cها")
    assert run.text == "نامه\u200cها"
    assert fonts.has("نامه\u200cها")


def test_each_character_is_in_the_first_font_that_has_it(fonts: Fonts) -> None:
    assert [(run.font, run.text) for run in fonts.line("山田 Müller")] == [(0, "山田 Müller")]
    assert {run.font for run in fonts.line("山 محمد")} == {0, 1}
    assert fonts.line("") == ()
    assert fonts.width("") == 0


def test_runs_of_several_fonts_in_one_leftward_part_are_turned_round(fonts: Fonts) -> None:
    # the Japanese font has the star, and the Arabic one the letters
    texts = [run.text for run in Fonts((JAPANESE, ARABIC)).line("محمد★عبد")]
    assert texts == ["عبد", "★", "محمد"]


def test_a_picture_has_the_size_of_the_text(fonts: Fonts) -> None:
    drawn = fonts.bitmap("山田太郎", 60)
    assert drawn.width == pytest.approx(fonts.width("山田太郎") * 60, abs=12)
    rows = list(drawn.rows())
    assert len(rows) == drawn.height
    image = Image.frombytes("L", (drawn.width, drawn.height), b"".join(rows))
    # the middle stroke of the mountain stands upright: a column that is black from the top
    heights = [sum(image.getpixel((x, y)) == 255 for y in range(20)) for x in range(60)]
    assert max(heights) > 15
    assert 40 < drawn.above < 60


def test_what_no_font_has_is_named(fonts: Fonts) -> None:
    assert not fonts.has("ก")
    with pytest.raises(ConfigurationError, match=r"'ก' \(U\+0E01 THAI CHARACTER KO KAI\).* as Noto Sans \("):
        fonts.line("ก")
    with pytest.raises(ConfigurationError, match=r"character \(U\+D800 without a name\)"):
        fonts.line("\ud800")


def test_a_font_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.ttf"
    other.write_bytes(b"no font")
    with pytest.raises(ConfigurationError, match=r"gone\.ttf cannot be read"):
        Fonts([tmp_path / "gone.ttf"])
    with pytest.raises(ConfigurationError, match=r"other\.ttf has no font with the number 0"):
        Fonts([other])
    assert Fonts([FontFace(JAPANESE, 0)]).has("山")
