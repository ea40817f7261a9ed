"""Correspondence: what is known of messages from before: the kernel may be another one since."""
