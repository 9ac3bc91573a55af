"""Content Credentials: a signed manifest (C2PA) of how a picture came to be, and what it is worth when read back.

By C2PA 2.2 it is created, wholly or, what is made in a picture, as a composite.
"""

from __future__ import annotations

import io
from typing import Any

import desktop
from desktop.errors import UserError
from desktop.library.metadata.authority import Identity
from desktop.library.metadata.description import Description
from desktop.library.metadata.writing import mark_of

UNTRUSTED, TRUSTED = "valid, untrusted signer", "valid, trusted signer"
BROKEN, NONE = "changed since it was signed", "none"
STATES = {"Valid": UNTRUSTED, "Trusted": TRUSTED}

STARTS = (  # where in a file of that kind which bytes stand
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/webp", 8, b"WEBP"),
    ("image/avif", 4, b"ftypavif"),
)
SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},  # it would be larger than the picture
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},  # whoever looks at a picture calls nobody
}


def sign(content: bytes, description: Description, identity: Identity) -> bytes:
    """The picture file with its manifest; the picture was made by AI. Raises UserError."""
    import c2pa

    kind, signed = _kind(content), io.BytesIO()
    signer = c2pa.C2paSignerInfo(identity.algorithm.encode(), identity.chain, identity.key, None)
    try:
        with (
            c2pa.Context.from_dict(SETTINGS) as context,
            c2pa.Builder(_manifest(description, kind), context) as builder,
            c2pa.Signer.from_info(signer) as by,
        ):
            builder.sign(by, kind, io.BytesIO(content), signed)
    except c2pa.C2paError as error:
        hint = "Check that the certificate belongs to the key, or let Sfumato sign with its own."
        raise UserError(f"The picture cannot be signed: {error}", hint) from None
    if verify(signed.getvalue()) not in STATES.values():
        raise UserError("The signed picture cannot be verified.", "Let Sfumato sign with its own certificate.")
    return signed.getvalue()


def verify(content: bytes) -> str:
    """What the credentials in a picture file are worth: UNTRUSTED, TRUSTED, BROKEN or NONE. Raises UserError."""
    import c2pa

    kind = _kind(content)
    try:
        with c2pa.Context.from_dict(SETTINGS) as context:
            reader = c2pa.Reader.try_create(kind, io.BytesIO(content), context=context)
            if reader is None:
                return NONE
            with reader:
                return STATES.get(reader.get_validation_state() or "", BROKEN)
    except c2pa.C2paError:
        return BROKEN


def _kind(content: bytes) -> str:
    found = next((kind for kind, place, start in STARTS if content.startswith(start, place)), None)
    if found is None:
        raise UserError("Content Credentials cannot stand in this file.", "Choose PNG, JPEG, WebP or AVIF.")
    return found


def _manifest(description: Description, kind: str) -> dict[str, Any]:
    created = {"action": "c2pa.created", "digitalSourceType": mark_of(description)}
    return {
        "claim_generator_info": [{"name": "Sfumato", "version": desktop.__version__}],
        "format": kind,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}],
    }
