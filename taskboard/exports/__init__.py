"""WHAT GOES OUT: workbooks."""
