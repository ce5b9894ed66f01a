"""The demonstration: the published mechanism of one district, surrounded by marked illustrative figures."""
