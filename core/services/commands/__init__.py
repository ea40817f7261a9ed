"""Commands: gets what operators want done, and answers them."""
