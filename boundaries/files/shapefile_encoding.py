"""In which encoding a shapefile writes its attributes."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path

from gis.errors import BadInput

_GUESSES = ("UTF-8", "GB18030")  # GB18030 contains GBK and GB2312
_NO_LANGUAGE = (0x00, 0x57)  # "none" and "ANSI": desktop programs write both over GBK text
_LANGUAGE_BYTE, _HEADER_LENGTH_BYTE, _DESCRIPTOR_BYTES, _NAME_BYTES = 29, 8, 32, 11


def shapefile_encoding(path: Path) -> tuple[str | None, str | None]:
    """Find the encoding of a .shp or of the one in a .zip.

    GDAL goes by the ``.cpg`` beside it, else by the language byte of its ``.dbf``, else it
    assumes Latin-1, which reads anything, wrongly. So where the file declares nothing, or
    a ``.cpg`` that its own bytes contradict, the text is UTF-8 or, failing that, GBK.

    Returns
    -------
    encoding, note
        None as encoding leaves the choice to GDAL; a note says what was guessed.

    Raises
    ------
    BadInput
        ``file_unreadable`` when the bytes fit neither.
    """
    parts = _parts(path)
    declared = parts.get(".cpg", b"").decode("ascii", "ignore").strip()
    table = parts.get(".dbf", b"")
    if len(table) <= _DESCRIPTOR_BYTES:
        return None, None
    text = _text_of(table)
    codec = _codec(declared)
    if codec is not None and _decodes(text, codec):
        return None, None
    if codec is None and table[_LANGUAGE_BYTE] not in _NO_LANGUAGE:
        return None, None
    guess = next((name for name in _GUESSES if _decodes(text, name)), None)
    if guess is None:
        raise BadInput(
            "file_unreadable",
            f"{path.name} cannot be read: its attributes are neither UTF-8 nor GBK;"
            " give it a .cpg file that names their encoding",
            file=path.name,
        )
    if text.isascii() or (guess == "UTF-8" and codec is None):
        return guess, None
    said = f"its .cpg says {declared}, wrongly" if codec else "it has no .cpg"
    read_as = "GBK" if guess == "GB18030" else guess
    return guess, f"the attributes are read as {read_as}: {said}"


def _parts(path: Path) -> dict[str, bytes]:
    wanted = {".cpg", ".dbf"}
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower()[-4:] in wanted]
            return {name.lower()[-4:]: archive.read(name) for name in names}
    beside = [path.with_suffix(suffix) for suffix in (".cpg", ".CPG", ".dbf", ".DBF")]
    return {part.suffix.lower(): part.read_bytes() for part in beside if part.exists()}


def _text_of(table: bytes) -> bytes:
    """Column names and records of a .dbf, without the binary numbers of its header."""
    header = int.from_bytes(table[_HEADER_LENGTH_BYTE : _HEADER_LENGTH_BYTE + 2], "little")
    names = (
        table[at : at + _NAME_BYTES].split(b"\0")[0]
        for at in range(_DESCRIPTOR_BYTES, header - 1, _DESCRIPTOR_BYTES)
    )
    return b"\n".join([*names, table[header:].rstrip(b"\x1a")])


def _decodes(text: bytes, codec: str) -> bool:
    try:
        text.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _codec(declared: str) -> str | None:
    """The Python codec a .cpg names; Chinese ones by their superset."""
    for spelling in (declared, f"cp{declared}"):
        try:
            name = codecs.lookup(spelling).name
        except LookupError:
            continue
        return "gb18030" if name in {"gbk", "gb2312"} else name
    return None
