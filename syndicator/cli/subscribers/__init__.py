"""`syndicator subscribers`: who gets digests, of what, and when.

adding.py    add, list, remove
leaving.py   pause, resume, erase
counting.py  count
moving.py    import, export; their rows are read in rows.py
showing.py   show
"""

from __future__ import annotations

import typer

from syndicator.cli.subscribers import adding, counting, leaving, moving, showing
from syndicator.cli.subscribers.common import check_address

__all__ = ["app", "check_address"]

app = typer.Typer(help="Subscribers: who gets digests by e-mail.", no_args_is_help=True)

app.command("add")(adding.add)
app.command("list")(adding.list_)
app.command("show")(showing.show)
app.command("count")(counting.count)
app.command("pause")(leaving.pause)
app.command("resume")(leaving.resume)
app.command("remove")(adding.remove)
app.command("erase")(leaving.erase)
app.command("import")(moving.import_)
app.command("export")(moving.export)
