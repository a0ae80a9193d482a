"""Where the hub keeps things: the ledger and the identity store in SQL, sealed files on disk."""
