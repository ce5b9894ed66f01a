"""WHAT COMES IN: workbooks, with an error for each row that cannot be taken."""
