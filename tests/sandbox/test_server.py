"""The sandbox's HTTP: connections that are kept, requests that cannot be read whole."""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import threading
import time

import pytest

HOST = "www.shop.example"


def connect(sandbox):
    return http.client.HTTPConnection("127.0.0.1", int(sandbox.url.rsplit(":", 1)[1]), timeout=10)


def test_a_connection_is_kept_for_the_next_request(healthy):
    connection = connect(healthy)
    addresses = set()
    for _ in range(3):
        connection.request("GET", "/", headers={"Host": HOST})
        addresses.add(connection.sock.getsockname())
        assert connection.getresponse().read()
    connection.close()
    assert len(addresses) == 1


NEXT = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
LONG = b"x" * 20_000_000


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Transfer-Encoding: chunked", b""),
        (f"Content-Length: {len(LONG) + len(NEXT)}", LONG),
    ],
    ids=["chunked", "long"],
)
def test_what_is_left_of_a_request_is_not_taken_for_the_next(healthy, header, body):
    asked = f"POST /nothing HTTP/1.1\r\nHost: {HOST}\r\n{header}\r\n\r\n".encode()
    replies = b""
    with socket.create_connection(("127.0.0.1", connect(healthy).port), 20) as line:
        line.sendall(asked + body + NEXT)
        line.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while piece := line.recv(65536):
                replies += piece
    assert replies.count(b"HTTP/1.1 ") == 1
    assert replies.startswith(b"HTTP/1.1 404")


def test_a_path_is_decoded_and_a_query_is_not(healthy):
    connection = connect(healthy)
    connection.request("GET", "/_sandbox/%6Eothing?a=%20b", headers={"Host": HOST})
    reply = connection.getresponse()
    assert (reply.status, reply.getheader("server")) == (404, "rumkit-sandbox")
    assert b"no GET /_sandbox/nothing" in reply.read()
    connection.close()


def test_a_dropped_connection_is_no_word_on_standard_error(sandbox_of, capfd):
    sandbox = sandbox_of(latency_ms=50)
    before = set(threading.enumerate())
    with socket.create_connection(("127.0.0.1", connect(sandbox).port), 10) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: sts.eu-west-1.amazonaws.com\r\n\r\n" * 9)
        time.sleep(0.1)
        # Closing without waiting resets the connection.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for handler in set(threading.enumerate()) - before:
        handler.join(timeout=10)
    assert capfd.readouterr().err == ""
