"""Prints the client's entries in the keyring: attributes and label, without the secret."""

import os

from jeepney import DBusAddress, Properties, new_method_call
from jeepney.io.blocking import open_dbus_connection

NAME = "org.freedesktop.secrets"
SERVICE = DBusAddress("/org/freedesktop/secrets", NAME, "org.freedesktop.Secret.Service")

connection = open_dbus_connection(os.environ["DBUS_SESSION_BUS_ADDRESS"])
asked = new_method_call(SERVICE, "SearchItems", "a{ss}", ({"service": "Codex Auth"},))
for item in connection.send_and_get_reply(asked).body[0]:
    place = DBusAddress(item, NAME, "org.freedesktop.Secret.Item")
    found = connection.send_and_get_reply(Properties(place).get_all()).body[0]
    # The service adds a schema by itself, to some items and not to others.
    own = {name: value for name, value in found["Attributes"][1].items() if name != "xdg:schema"}
    print(sorted(own.items()), found["Label"])
