"""Facts of the family `status`: completion statuses defined, used, returned, retried."""
