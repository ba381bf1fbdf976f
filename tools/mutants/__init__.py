"""Changes facts that the source states, one by one, and makes sure that a contract test names each change."""
