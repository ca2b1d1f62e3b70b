"""Secret Services and session buses that do not do as they should; each speaks the real protocol."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

from jeepney import HeaderFields, MessageType, message_bus, new_error, new_method_return
from jeepney.io.blocking import open_dbus_connection

from support.services.keyrings import Keyring
from tipstaff_policy.system.secret_service import BUS_NAME

SILENT = "never answers"


@contextmanager
def odd_bus(folder, after_begin=None):
    """Give the address of a bus that accepts, and lets callers in where a test says what follows.

    Args:
        after_begin: Called with the connection once a caller is let in; None: it is never let in.
    """
    path = str(folder / "odd-bus")
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    ended = threading.Event()
    held = []

    def serve():
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            held.append(connection)
            if after_begin is not None:
                threading.Thread(
                    target=_let_in, args=(connection, after_begin), daemon=True
                ).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={path}"}
    finally:
        ended.set()
        server.shutdown(socket.SHUT_RDWR)
        for socket_held in (server, *held):
            socket_held.close()


def _let_in(connection, after_begin):
    with suppress(OSError):
        said = b""
        while b"BEGIN\r\n" not in said:
            said += connection.recv(1024)
            if b"AUTH" in said and b"BEGIN" not in said:
                connection.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
        after_begin(connection)
    connection.close()


def says_nothing(connection):
    """Take everything and answer nothing, until the caller is gone."""
    while connection.recv(4096):
        pass


def drips(connection):
    """Send the beginning of a long message, a byte at a time, and never end."""
    head = b"l\x02\x01\x01\xff\xff\xff\x00\x01\x00\x00\x00\x00\x00\x00\x00"
    for byte in head + b"\x00" * 100_000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def talks_nonsense(connection):
    """Answer with something that is no message."""
    connection.sendall(b"made up, and no message of any bus at all" * 10)
    says_nothing(connection)


def hangs_up(connection):
    """End the connection once a caller is let in."""
    connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def odd_service(folder, answer, *, methods=()):
    """Give the environment of a real bus on which a Secret Service fails.

    Args:
        answer: The error that it gives, or `SILENT`.
        methods: Answered as they should be: signature and body by the method's name.
    """
    bus = Keyring(str(folder / "bus"))
    bus._start_bus()
    connection = open_dbus_connection(bus.address["DBUS_SESSION_BUS_ADDRESS"])
    connection.send_and_get_reply(message_bus.RequestName(BUS_NAME), timeout=10)
    ended = threading.Event()
    server = threading.Thread(target=_serve, args=(connection, ended, answer, dict(methods)))
    server.start()
    try:
        yield bus.address
    finally:
        ended.set()
        server.join()
        connection.close()
        bus.close()


def _serve(connection, ended, answer, right):
    while not ended.is_set():
        try:
            message = connection.receive(timeout=0.1)
        except TimeoutError:
            continue
        if message.header.message_type is not MessageType.method_call:
            continue
        name = message.header.fields[HeaderFields.member]
        if name in right:
            connection.send(new_method_return(message, *right[name]))
        elif answer != SILENT:
            connection.send(new_error(message, answer))
