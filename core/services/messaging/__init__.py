"""What messages go through: admission, routing, mailboxes, receipts."""
