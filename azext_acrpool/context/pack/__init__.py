"""From a folder to a `.tar.gz` stream, the same bytes for the same tree."""
