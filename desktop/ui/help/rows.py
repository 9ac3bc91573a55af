"""What can be done about Sfumato itself."""

from __future__ import annotations

from desktop.ui.row import HELP, Row

ROWS = (
    Row("updates", HELP, "Check for updates…", "down", "",
        "Asks whether there is a newer Sfumato. Nothing is asked unless you do, and nothing fetched.",
        lambda window: window.help_windows.updates.open()),
    Row("diagnostics", HELP, "Diagnostics…", "search", "",
        "Versions, logs and reports as a zip file, for whoever helps you. You see all of it first.",
        lambda window: window.help_windows.diagnostics.open()),
    Row("about", HELP, "About Sfumato", "info", "Shift+F1",
        "Version and licence, licences of others, where the data lies.",
        lambda window: window.help_windows.about.open()),
)  # fmt: skip
