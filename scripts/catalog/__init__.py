"""What turns a folder of gathered facts into the data files of the catalog: see ../regen_catalog.py."""
