"""Drafts of new records: what a thing's own files say, each fact with its evidence, and the rest as `unknown`.

hub.py, folder.py and github.py gather texts through web.py; told.py and weights.py read single facts from them;
draft.py and kinds.py make a record of these; ask.py asks a person what no file can say; writing.py never overwrites.
Everything gathered is a stranger's text: bounded in size, time and depth, and never run.
"""
