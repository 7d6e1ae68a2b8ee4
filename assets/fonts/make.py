"""Makes a font of this folder, see make.sh: make.py FROM TO."""

import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

LETTERS = [
    (0x0020, 0x024F),  # Latin
    (0x0300, 0x036F),  # accents that are typed by themselves
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x04FF),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin, with two accents
    (0x2000, 0x206F),  # dashes, quotation marks, ellipsis
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x214F),  # № ™
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # − × ≤ ≥
    (0x25A0, 0x25FF),  # bullets
]
DIGITS = "zero one two three four five six seven eight nine".split()

# Distance of the lines in parts of the letters' size, and what of it is above the base line: capitals and small letters
# are then in the middle of what they are on.
ASCENT, DESCENT = 1.03, 0.33


def main(source, target):
    font = TTFont(source)
    for table in font["cmap"].tables:
        for code, name in table.cmap.items():
            if name in DIGITS:
                table.cmap[code] = name + ".tf"  # as wide as each other
    options = Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.drop_tables += ["DSIG", "STAT"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[c for first, last in LETTERS for c in range(first, last + 1)])
    subsetter.subset(font)
    side = font["head"].unitsPerEm
    lines, system = font["hhea"], font["OS/2"]
    lines.ascent, lines.descent, lines.lineGap = round(ASCENT * side), -round(DESCENT * side), 0
    system.sTypoAscender, system.sTypoDescender, system.sTypoLineGap = lines.ascent, lines.descent, 0
    system.usWinAscent, system.usWinDescent = lines.ascent, -lines.descent
    font.save(target)


main(*sys.argv[1:])
