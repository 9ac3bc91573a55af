"""A site of our own: an HTTP server in a thread that answers as told, and remembers what it was asked."""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """A request as it came."""

    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]

    def header(self, name: str) -> str:
        return {key.lower(): value for key, value in self.headers.items()}.get(name.lower(), "")


@dataclass
class Reply:
    """What to answer. `cut`: bytes of the body after which the connection breaks."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    pieces: Iterator[bytes] | None = None  # in place of the body, at their own pace


Answering = Callable[[Asked], Reply]


class Server:
    """`routes`: by path, what answers, or several answers one after the other, of which the last stays."""

    def __init__(self) -> None:
        self.routes: dict[str, Answering | list[Reply] | Reply] = {}
        self.asked: list[Asked] = []
        self.leaving = threading.Event()  # for answers that wait
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=lambda: self._http.serve_forever(0.01), name="server")
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def other_address(self) -> str:
        """The same server, for whom it matters another host."""
        return f"http://localhost:{self._http.server_port}"

    def encrypt(self, context: ssl.SSLContext) -> None:
        """From now on."""
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)

    def close(self) -> None:
        self.leaving.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        found = self.routes.get(asked.path, Reply(status=404))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found if isinstance(found, Reply) else found(asked)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there = urlsplit(self.path)
            path = there.path if not there.netloc else f"{there.netloc}{there.path}"  # of a proxy
            reply = server.answer(Asked(path, parse_qsl(there.query), dict(self.headers)))
            with suppress(OSError):  # whoever asked may have gone
                self._send(reply)
            self.close_connection = True

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            headers = {"Content-Length": str(len(reply.body)), **reply.headers}
            for name, value in headers.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            for piece in reply.pieces or [reply.body[: reply.cut]]:
                self.wfile.write(piece)
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    try:
        yield server
    finally:
        server.close()


def as_json(data: Any, **headers: str) -> Reply:
    return Reply(json.dumps(data).encode(), headers={"Content-Type": "application/json", **headers})


def to(address: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": address})


@dataclass
class Stored:
    """A file that is served as the sites do: by parts, with an ETag. `cuts`: where connections break, one each."""

    content: bytes
    cuts: list[int] = field(default_factory=list)  # bytes of each answer's body
    etag: str = '"one"'
    ranges: bool = True
    kind: str = "binary/octet-stream"

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def __call__(self, asked: Asked) -> Reply:
        wanted, condition = asked.header("range"), asked.header("if-range")
        cut = self.cuts.pop(0) if self.cuts else None
        headers = {"ETag": self.etag, "Content-Type": self.kind}
        if not (wanted and self.ranges) or (condition and condition != self.etag):
            return Reply(self.content, headers=headers, cut=cut)
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(self.content):
            return Reply(status=416, headers={"Content-Range": f"bytes */{len(self.content)}"})
        place = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        return Reply(self.content[start:], 206, {**headers, "Content-Range": place}, cut)
