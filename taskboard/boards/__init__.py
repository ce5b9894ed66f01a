"""WHAT A PAGE SHOWS: read-only queries that return frozen values, for page and workbook alike."""
