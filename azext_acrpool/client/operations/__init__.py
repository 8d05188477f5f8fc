"""Following the long operations of the service to their end."""
