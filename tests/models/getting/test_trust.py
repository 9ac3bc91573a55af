"""Encrypted connections to somebody who cannot prove who they are."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from desktop.errors import UserError
from desktop.models.getting.client import Client
from desktop.models.getting.connections import Connections
from desktop.models.getting.network import HUGGING_FACE, Network
from tests.models.getting.conftest import AT_ONCE, TOKENS
from tests.models.getting.server import Server

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def impostor(tmp_path: Path, server: Server) -> str:
    """Its address; nobody has signed its certificate but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - HOUR).not_valid_after(now + HOUR)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    pem = tmp_path / "impostor.pem"
    how = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem.write_bytes(key.private_bytes(*how) + made.sign(key, hashes.SHA256()).public_bytes(how[0]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.encrypt(context)
    return server.other_address.replace("http:", "https:")


def test_an_impostor_is_told_nothing(impostor: str, server: Server, connections: Connections) -> None:
    network = Network(hub=impostor, tokens={HUGGING_FACE: TOKENS[HUGGING_FACE]})
    with pytest.raises(UserError, match="cannot prove"):
        Client(network, connections, AT_ONCE).json(f"{impostor}/api", "a test")
    assert server.asked == []
    assert len(connections.all()) == 1  # trying again would not help
