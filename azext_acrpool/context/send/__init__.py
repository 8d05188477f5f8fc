"""From the stream to the storage account: blocks, sent side by side while the rest is packed."""
