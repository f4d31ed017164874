"""The one error of intake."""


class UnableToImport(Exception):
    """A file cannot be imported; nothing was stored. The message is one sentence that names the file and what to do."""
