"""One module per command of `umo`, each with a function `command`.

A module here imports nothing heavy when it is imported, only inside its functions: `umo --help`
imports them all.
"""
