"""XMP packets: the mark that a picture is made by a machine, and texts of programs.

The mark is IPTC's DigitalSourceType, by which the EU's AI Act (Art. 50) can be followed: the vocabulary stands at
http://cv.iptc.org/newscodes/digitalsourcetype/. Packets of others are searched, never parsed: they may be anything.
"""

from __future__ import annotations

import re
from html import escape, unescape

MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
MARK = re.compile(r"digitalsourcetype/(?:compositeWithT|t)rainedAlgorithmicMedia\b")
START = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'  # the same in every packet
SPACES = (
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    'xmlns:sfumato="urn:sfumato:metadata#"',
)
INNER = re.compile(r"\s*<rdf:(?:Alt|Seq|Bag)[^>]{0,200}>\s*<rdf:li[^>]{0,200}>")  # of a list: its first


def packet(properties: dict[str, str]) -> str:
    """Of properties by their full names, such as Iptc4xmpExt:DigitalSourceType."""
    lines = "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in properties.items())
    return (
        f'{START}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {" ".join(SPACES)}>{lines}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def is_marked(text: str) -> bool:
    return MARK.search(text) is not None


def value(text: str, name: str) -> str:
    """The first text of that property, however it is written; empty where there is none."""
    begin = text.find(f"<{name}>")
    if begin < 0:
        found = re.search(rf'\b{name}="([^"<]*)"', text)
        return unescape(found[1]) if found else ""
    begin += len(name) + 2
    if inner := INNER.match(text, begin):
        begin = inner.end()
    return unescape(text[begin : text.find("<", begin)])
