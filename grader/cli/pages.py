"""Pages for the browser: where they are put, and opening them. Whoever has no browser is told where the page lies."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from grader.languages import spoken

# Browsers packed as snaps see neither /tmp nor hidden folders: https://forum.snapcraft.io/t/1613 (2026-11)
_SNAPS = ("snap/firefox/common", "snap/chromium/common")


def new_page(name: str) -> Path | None:
    """An empty file for a page, readable by its owner alone, which stays until the system tidies up.

    None where there is no room for one anywhere, which is said: that is no reason to lose the report.
    """
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises for a user without one
    place = next((folder for folder in map(home.joinpath, _SNAPS) if os.access(folder, os.W_OK)), None)
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)[:40]
    try:
        handle, path = tempfile.mkstemp(prefix=f"labgrade-{safe}-", suffix=".html", dir=place)
    except OSError as error:
        click.echo(spoken("No page: {reason}", reason=str(error)), err=True)
        return None
    os.close(handle)
    return Path(path)


def open_page(path: Path) -> None:
    """Opens it in the user's browser if there is one, and says where it is in any case."""
    whole = path.resolve()
    opened = _opened(whole.as_uri())
    if opened:
        where = spoken("Opened in your browser: {page}", page=str(whole))
    else:
        where = spoken("There is no browser to open here. Open it where there is one: {page}", page=str(whole))
    click.echo(where, err=True)


def _opened(address: str) -> bool:
    import webbrowser

    # Without a screen only browsers for the terminal are left, which would take it over.
    drawn = sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    if not drawn:
        return False
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
