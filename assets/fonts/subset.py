#!/usr/bin/env python3
"""Makes the font files beside it from the upstream releases of Inter, JetBrains Mono, Noto Sans Symbols 2 and Noto Emoji.

    apt-get install fonts-inter fonts-jetbrains-mono fonts-noto-core python3-fonttools
    python3 assets/fonts/subset.py NotoEmoji-Regular.ttf

Debian has Noto Emoji in colours only: the file with its outlines is the one in `fonts/` of the crate epaint_default_fonts 0.37.

Kept: Latin, Greek, Cyrillic, punctuation, currency, arrows, mathematics, technical signs, box drawing, blocks,
geometric shapes, dingbats and Braille, as far as the font has them; kerning and marks.
Left out on purpose: ligatures and contextual alternates, so that `->` and `!=` in a log or a diff look like what
they are. The digits of Inter are its tabular ones, so that numbers in a column stand under each other. Of the Noto fonts
only what the others lack: the marks that tools write into logs (check marks, crosses, spinners, pictographs).
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
INTER = Path("/usr/share/fonts/opentype/inter")
MONO = Path("/usr/share/fonts/truetype/jetbrains-mono")
SOURCES = [INTER / f"Inter-{weight}.otf" for weight in ("Regular", "Medium", "SemiBold")]
SOURCES += [MONO / f"JetBrainsMono-{weight}.ttf" for weight in ("Regular", "Bold")]
MARKS = [Path("/usr/share/fonts/truetype/noto/NotoSansSymbols2-Regular.ttf"), *map(Path, sys.argv[1:])]

RANGES = [
    (0x0020, 0x007E), (0x00A0, 0x024F), (0x02B0, 0x036F), (0x0370, 0x04FF), (0x1E00, 0x1EFF), (0x2000, 0x206F),
    (0x2070, 0x209F), (0x20A0, 0x20CF), (0x2100, 0x218F), (0x2190, 0x22FF), (0x2300, 0x23FF), (0x2500, 0x25FF),
    (0x2600, 0x27BF), (0x2800, 0x28FF), (0x2B00, 0x2BFF), (0xFFFD, 0xFFFD),
]
PICTOGRAPHS = [(0x1F300, 0x1F6FF), (0x1F7E0, 0x1F7EB), (0x1F900, 0x1F9FF), (0x1FA70, 0x1FAFF)]


def tabular_digits(font):
    """Lets the digits' code points mean the glyphs of the feature `tnum`; nothing where there is none."""
    if "GSUB" not in font:
        return
    gsub = font["GSUB"].table
    swaps = {}
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for table in gsub.LookupList.Lookup[index].SubTable:
                    swaps.update(getattr(table, "ExtSubTable", table).mapping)
    for cmap in font["cmap"].tables:
        for digit in range(0x30, 0x3A):
            if digit in cmap.cmap:
                cmap.cmap[digit] = swaps.get(cmap.cmap[digit], cmap.cmap[digit])


def main():
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.notdef_outline = True
    options.drop_tables += ["DSIG"]
    wanted = {code for first, last in RANGES for code in range(first, last + 1)}
    known = set()
    for source in SOURCES + MARKS:
        font = TTFont(source, recalcTimestamp=False)
        if source.name.startswith("Inter"):
            tabular_digits(font)
        job = subset.Subsetter(options)
        if source in MARKS:
            pictographs = {code for first, last in PICTOGRAPHS for code in range(first, last + 1)}
            job.populate(unicodes=(wanted | pictographs) - known)
        else:
            job.populate(unicodes=wanted)
        known |= set(font.getBestCmap()) & (wanted if source in SOURCES else set(font.getBestCmap()))
        job.subset(font)
        target = HERE / source.name
        font.save(target)
        print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
