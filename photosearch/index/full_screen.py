"""Whether another program fills the screen: a film, a game, a presentation.

Through the systems' own libraries. On X11 that is libxcb, not libX11: the latter ends the process
where the X server goes away.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

#: Of our own window: it may well fill the screen while its photos are read.
_OWN_CLASS = b"photosearch"

#: `QUERY_USER_NOTIFICATION_STATE`: busy (a program fills the screen), a Direct3D program does,
#: a presentation.
_WINDOWS_BUSY = frozenset({2, 3, 4})

#: Of the X protocol: a property of whatever type, and a predefined name.
_ANY_TYPE, _XA_WM_CLASS = 0, 67
#: Of a property, in 4-byte units: more states than any window has.
_PROPERTY_LENGTH = 64


def windows_full_screen() -> bool | None:
    """Asks Windows' shell; None where it does not tell."""
    if sys.platform == "win32":
        state = ctypes.c_int(0)
        try:
            failed = ctypes.windll.shell32.SHQueryUserNotificationState(ctypes.byref(state))
        except (OSError, AttributeError) as error:
            log.debug("the shell does not tell: %s", error)
        else:
            return None if failed else state.value in _WINDOWS_BUSY
    return None


def x11_full_screen(display: str) -> bool | None:
    """Asks an X server for the window in front.

    Args:
        display: As in `DISPLAY`.

    Returns:
        Whether it fills the screen, unless it is our own; None where the server cannot be reached
        or no window manager tells.
    """
    try:
        xcb = _Xcb(ctypes.CDLL("libxcb.so.1"))
    except (OSError, AttributeError) as error:
        log.debug("libxcb cannot be loaded: %s", error)
        return None
    with xcb.connected(display) as server:
        if server is None:
            return None
        active = server.atoms(server.root(), "_NET_ACTIVE_WINDOW")
        if active is None:
            return None
        if not active or not active[0]:
            return False
        states = server.atoms(active[0], "_NET_WM_STATE") or []
        if server.atom("_NET_WM_STATE_FULLSCREEN") not in states:
            return False
        return _OWN_CLASS not in server.property(active[0], _XA_WM_CLASS).lower()


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class _ScreenIterator(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.POINTER(ctypes.c_uint32)),
        ("rem", ctypes.c_int),
        ("index", ctypes.c_int),
    )


class _AtomReply(ctypes.Structure):
    _fields_ = (
        ("response_type", ctypes.c_uint8),
        ("pad0", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("length", ctypes.c_uint32),
        ("atom", ctypes.c_uint32),
    )


class _Xcb:
    """The few functions of libxcb that are needed, with their types.

    Raises:
        AttributeError: The library lacks one of them.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library
        pointer, uint8, uint16, uint32 = (
            ctypes.c_void_p,
            ctypes.c_uint8,
            ctypes.c_uint16,
            ctypes.c_uint32,
        )
        for name, result, arguments in (
            ("xcb_connect", pointer, (ctypes.c_char_p, pointer)),
            ("xcb_connection_has_error", ctypes.c_int, (pointer,)),
            ("xcb_disconnect", None, (pointer,)),
            ("xcb_get_setup", pointer, (pointer,)),
            ("xcb_setup_roots_iterator", _ScreenIterator, (pointer,)),
            ("xcb_intern_atom", _Cookie, (pointer, uint8, uint16, ctypes.c_char_p)),
            ("xcb_intern_atom_reply", ctypes.POINTER(_AtomReply), (pointer, _Cookie, pointer)),
            ("xcb_get_property", _Cookie, (pointer, uint8, *(uint32,) * 5)),
            ("xcb_get_property_reply", pointer, (pointer, _Cookie, pointer)),
            ("xcb_get_property_value", pointer, (pointer,)),
            ("xcb_get_property_value_length", ctypes.c_int, (pointer,)),
        ):
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        self.free = ctypes.CDLL(None).free
        self.free.restype, self.free.argtypes = None, (pointer,)

    @contextmanager
    def connected(self, display: str) -> Iterator[_Server | None]:
        """Connects for a moment: a millisecond, and no connection whose end must be noticed."""
        connection = self.library.xcb_connect(display.encode(), None)
        try:
            has_failed = self.library.xcb_connection_has_error(connection)
            yield None if has_failed else _Server(self, connection)
        finally:
            self.library.xcb_disconnect(connection)


class _Server:
    """A connection to an X server; a window that went away has no properties."""

    def __init__(self, xcb: _Xcb, connection: int) -> None:
        self._xcb = xcb
        self._connection = connection

    def root(self) -> int:
        """The window behind all others, of the first screen."""
        library = self._xcb.library
        screens = library.xcb_setup_roots_iterator(library.xcb_get_setup(self._connection))
        return int(screens.data[0]) if screens.rem else 0

    def atom(self, name: str) -> int:
        """The number of a name; 0 where nobody has used it."""
        library = self._xcb.library
        cookie = library.xcb_intern_atom(self._connection, 1, len(name), name.encode())
        reply = library.xcb_intern_atom_reply(self._connection, cookie, None)
        if not reply:
            return 0
        number = int(reply.contents.atom)
        self._xcb.free(reply)
        return number

    def property(self, window: int, name: int) -> bytes:
        """The bytes of a window's property; empty where it has none."""
        library = self._xcb.library
        cookie = library.xcb_get_property(
            self._connection, 0, window, name, _ANY_TYPE, 0, _PROPERTY_LENGTH
        )
        reply = library.xcb_get_property_reply(self._connection, cookie, None)
        if not reply:
            return b""
        length = library.xcb_get_property_value_length(reply)
        value = ctypes.string_at(library.xcb_get_property_value(reply), length) if length else b""
        self._xcb.free(reply)
        return value

    def atoms(self, window: int, name: str) -> list[int] | None:
        """A property that holds 32-bit numbers; None where nobody has used its name."""
        number = self.atom(name)
        if not number:
            return None
        value = self.property(window, number)
        return list(memoryview(value).cast("I")) if len(value) % 4 == 0 and value else []
