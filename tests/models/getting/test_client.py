"""Connections: who is told what, how often a site is asked, and what becomes of hostile answers."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator

import pytest

from desktop.errors import UserError
from desktop.models.getting.answer import Refused
from desktop.models.getting.client import MOST_JSON, Client, Patience, led
from desktop.models.getting.connections import MOST, Connections
from desktop.models.getting.network import CIVITAI, HUGGING_FACE, Network, host_of
from desktop.models.getting.stop import Stop, Stopped
from tests.models.getting.conftest import AT_ONCE, TOKENS
from tests.models.getting.server import Reply, Server, as_json, serving, to


def test_each_site_is_given_its_own_token_and_no_other_host_any(known: Client, server: Server) -> None:
    server.routes["/there"] = as_json({})
    known.json(f"{server.address}/there", "a test")
    known.json(f"{server.other_address}/there", "a test")
    with serving() as stranger:
        stranger.routes["/there"] = as_json({})
        known.json(f"{stranger.address}/there", "a test")
        assert stranger.asked[0].header("authorization") == ""
    assert [asked.header("authorization") for asked in server.asked] == [f"Bearer {TOKENS[site]}" for site in TOKENS]


def test_a_redirect_does_not_carry_the_token_to_another_host(known: Client, server: Server) -> None:
    with serving() as stranger:
        server.routes["/file"] = to(f"{stranger.address}/elsewhere")
        stranger.routes["/elsewhere"] = as_json(1)
        assert known.json(f"{server.address}/file", "a test") == 1
        assert server.asked[0].header("authorization")
        assert "secret" not in str(stranger.asked[0].headers)


def test_tokens_are_for_encrypted_connections_only() -> None:
    network = Network(hub="http://mirror.example", civitai="https://civitai.com", tokens=TOKENS)
    assert network.token_for("http://mirror.example/api") == ""
    assert network.token_for("https://civitai.com/api") == TOKENS[CIVITAI]
    assert network.token_for("http://civitai.com/api") == ""
    assert network.token_for("https://civitai.com.example/api") == ""
    assert network.token_for("https://civitai.com:444/api") == ""
    assert "secret" not in repr(network)


def test_what_was_encrypted_is_not_led_to_where_all_can_listen() -> None:
    with pytest.raises(UserError, match="not safe"):
        led("https://huggingface.co/one", "http://huggingface.co/two")
    assert led("https://huggingface.co/one", "//cdn.example/two") == "https://cdn.example/two"


def test_busy_sites_are_asked_again(client: Client, server: Server) -> None:
    server.routes["/busy"] = [Reply(status=503), Reply(status=429, headers={"Retry-After": "0"}), as_json("done")]
    assert client.json(f"{server.address}/busy", "a test") == "done"
    assert len(server.asked) == 3


def test_a_site_that_asks_to_wait_is_waited_for(server: Server, connections: Connections) -> None:
    waited: list[float] = []

    class Clock(Stop):
        def wait(self, seconds: float) -> None:
            waited.append(seconds)

    client = Client(Network(), connections, Patience(pauses=(1, 3)))
    server.routes["/busy"] = [Reply(status=429, headers={"Retry-After": "7"}), Reply(status=500), as_json("done")]
    assert client.json(f"{server.address}/busy", "a test", stop=Clock()) == "done"
    assert waited == [7, 3]


def test_a_site_that_asks_to_wait_for_long_is_left_alone(client: Client, server: Server) -> None:
    server.routes["/busy"] = Reply(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(Refused, match="asked too often") as told:
        client.json(f"{server.address}/busy", "a test")
    assert "60 min" in told.value.hint
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 500, 503])
def test_refusals_say_what_to_do(client: Client, server: Server, status: int) -> None:
    server.routes["/no"] = Reply(b"<html>secret</html>", status)
    with pytest.raises(Refused) as told:
        client.json(f"{server.address}/no", "a test")
    assert told.value.status == status
    assert told.value.hint
    assert "secret" not in told.value.message
    assert len(server.asked) == (3 if status >= 500 else 1)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": ' * 100_000, b"9" * 10_000],
    ids=lambda body: repr(body[:6]),
)
def test_answers_that_make_no_sense_are_told(client: Client, server: Server, body: bytes) -> None:
    server.routes["/odd"] = Reply(body)
    with pytest.raises(UserError, match="no sense"):
        client.json(f"{server.address}/odd", "a test")


def test_an_answer_without_end_is_cut_off(client: Client, server: Server, connections: Connections) -> None:
    def endless() -> Iterator[bytes]:
        while not server.leaving.is_set():
            yield bytes(1 << 20)

    server.routes["/endless"] = Reply(headers={"Content-Length": str(10 << 30)}, pieces=endless())
    with pytest.raises(UserError, match="too long"):
        client.json(f"{server.address}/endless", "a test")
    assert MOST_JSON < connections.all()[0].bytes < MOST_JSON + (2 << 20)


def test_an_answer_that_trickles_is_given_up(server: Server, connections: Connections) -> None:
    def trickle() -> Iterator[bytes]:
        while not server.leaving.wait(0.01):
            yield b" "

    client = Client(Network(), connections, Patience(pauses=(), answer=0.1))
    server.routes["/trickle"] = Reply(headers={"Content-Length": "100000"}, pieces=trickle())
    with pytest.raises(UserError, match="too long"):
        client.json(f"{server.address}/trickle", "a test")


def test_nothing_is_unpacked(client: Client, server: Server) -> None:
    server.routes["/bomb"] = Reply(gzip.compress(bytes(1 << 24)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(UserError, match="not asked for"):
        client.json(f"{server.address}/bomb", "a test")
    assert server.asked[0].header("accept-encoding") == "identity"


def test_redirects_end(client: Client, server: Server) -> None:
    server.routes["/round"] = to("/round")
    with pytest.raises(UserError, match="circles"):
        client.json(f"{server.address}/round", "a test")


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://there/", "http://[::1", "javascript:1", "http://a:x"])
def test_redirects_lead_to_sites_only(client: Client, server: Server, place: str) -> None:
    server.routes["/away"] = to(place)
    with pytest.raises(UserError, match="not safe"):
        client.json(f"{server.address}/away", "a test")


def test_who_is_not_there_is_told(client: Client) -> None:
    with serving() as gone:
        address = gone.address
    with pytest.raises(UserError, match="cannot be reached"):
        client.json(f"{address}/", "a test")


def test_a_proxy_is_asked_in_its_place(server: Server, connections: Connections) -> None:
    server.routes["models.example/api"] = as_json("by proxy")
    client = Client(Network(proxy=server.address), connections, AT_ONCE)
    assert client.json("http://models.example/api", "a test") == "by proxy"
    assert connections.all()[0].host == "models.example"


def test_addresses_are_completed_as_people_type_them(server: Server, connections: Connections) -> None:
    network = Network(hub=" mirror.example:8443/hub/", civitai="http://civitai.example")
    assert network.address(HUGGING_FACE) == "https://mirror.example:8443/hub"
    assert network.host(HUGGING_FACE) == "mirror.example:8443"
    assert network.address(CIVITAI) == "http://civitai.example"
    server.routes["models.example/api"] = as_json("by proxy")
    client = Client(Network(proxy=server.address.removeprefix("http://")), connections, AT_ONCE)
    assert client.json("http://models.example/api", "a test") == "by proxy"


@pytest.mark.parametrize(
    "proxy", ["gopher://there", "http://", "http://127.0.0.1:99999", "http://[", "127.0.0.1:99999"]
)
def test_a_proxy_that_is_none_is_told(connections: Connections, proxy: str) -> None:
    with pytest.raises(UserError):
        Client(Network(proxy=proxy), connections, AT_ONCE).json("http://models.example/api", "a test")


@pytest.mark.parametrize("address", ["", "ftp://there", "https://", "http://[", "http://a:b", "a:b"])
def test_an_address_of_a_mirror_that_is_none_is_told(address: str) -> None:
    with pytest.raises(UserError, match="no address"):
        Network(hub=address).address(HUGGING_FACE)


def test_hosts_are_named_with_unusual_ports() -> None:
    assert host_of("https://user:secret@huggingface.co:443/a?token=b") == "huggingface.co"
    assert host_of("http://[::1]:8080/") == "[::1]:8080"


def test_every_connection_is_listed_without_secrets(known: Client, server: Server, connections: Connections) -> None:
    server.routes["/one"] = to("/two?token=hidden")
    server.routes["/two"] = as_json([1, 2])
    known.json(f"{server.address}/one", "search for models")
    with pytest.raises(UserError):
        known.json(f"{server.address}/three", "details of a model")
    three, two, one = connections.all()
    assert (one.outcome, two.outcome, two.bytes, three.outcome) == ("302 Found", "200 OK", 6, "404 Not Found")
    assert {each.purpose for each in (one, two)} == {"search for models"}
    assert one.host == host_of(server.address)
    assert time.time() - 60 < one.when <= two.when <= three.when
    assert not {"secret", "hidden"} & set(str(connections.all()).split())


def test_a_connection_is_listed_while_it_is_under_way(client: Client, server: Server, connections: Connections) -> None:
    server.routes["/one"] = as_json([])
    with client.open(f"{server.address}/one", "a test"):
        assert connections.all()[0].outcome == "under way"
    assert connections.all()[0].outcome == "200 OK"


def test_old_connections_are_forgotten() -> None:
    connections = Connections(lambda: 0.0)
    for number in range(MOST + 5):
        connections.end(connections.begin(f"{number}.example", "a test"), 0, "200 OK")
    assert [each.host for each in connections.all()] == [f"{number}.example" for number in range(MOST + 4, 4, -1)]


@pytest.mark.parametrize("when", ["before the answer", "in the answer"])
def test_whoever_waits_for_a_silent_site_can_be_stopped(client: Client, server: Server, stop: Stop, when: str) -> None:
    arrived = threading.Event()

    def silent() -> Iterator[bytes]:
        yield b"["
        arrived.set()
        server.leaving.wait(20)

    def late(_: object) -> Reply:
        arrived.set()
        server.leaving.wait(20)
        return as_json([])

    server.routes["/silent"] = (
        late if when.startswith("before") else Reply(headers={"Content-Length": "9"}, pieces=silent())
    )
    threading.Thread(target=lambda: (arrived.wait(20), stop.set())).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        client.json(f"{server.address}/silent", "a test", stop=stop)
    assert time.monotonic() - began < 4  # the silence that is borne lasts 5


def test_whoever_waits_for_the_next_try_can_be_stopped(server: Server, connections: Connections, stop: Stop) -> None:
    client = Client(Network(), connections, Patience(pauses=(100,)))
    server.routes["/busy"] = lambda _: (stop.set(), Reply(status=503))[1]
    with pytest.raises(Stopped):
        client.json(f"{server.address}/busy", "a test", stop=stop)


def test_nobody_is_asked_once_it_is_stopped(client: Client, server: Server, stop: Stop) -> None:
    stop.set()
    with pytest.raises(Stopped):
        client.json(f"{server.address}/one", "a test", stop=stop)
    assert server.asked == []
