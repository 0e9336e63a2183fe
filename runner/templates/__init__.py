"""Texts of our own that turn a row into a prompt and an answer; `runner.inputs.templates` says how they are read."""
