"""The command `umo`."""
